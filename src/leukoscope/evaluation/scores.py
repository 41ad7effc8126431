"""The scores of one part: numbers, intervals, tables; as an object, as JSON, as text."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from leukoscope.cohort.classes import Classes
from leukoscope.errors import DataError, SettingsError, nearest
from leukoscope.evaluation import showing
from leukoscope.predictions.table import Unit

PATIENT_SCHEMA: dict[str, pl.DataType] = {
    "patient": pl.String(),
    "label": pl.String(),
    "cells": pl.Int64(),
    "right": pl.Int64(),
    "share_right": pl.Float64(),
    "low": pl.Float64(),
    "high": pl.Float64(),
    "called": pl.String(),
    "score": pl.Float64(),
}


@dataclass(frozen=True)
class Score:
    """One number with its interval.

    Args:
        value: The score; None where it is not defined.
        low: The interval's lower bound; None where there is none.
        high: Its upper bound.
        reason: Why there is no value, or no interval.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    reason: str | None = None

    def __str__(self) -> str:
        return showing.score_text(self.value, self.low, self.high, self.reason)

    def _repr_html_(self) -> str:
        return html.escape(str(self))


@dataclass(frozen=True)
class Interval:
    """How the intervals were made.

    Args:
        level: The coverage aimed at, 0 to 1.
        method: The method, in words.
        unit: What was resampled: ``linked group of patients``, ``patient`` or ``cell``.
        clusters: How many of these there are.
        replicates: How many resamples.
        seed: Their seed.
    """

    level: float
    method: str
    unit: str
    clusters: int
    replicates: int
    seed: int


@dataclass(frozen=True)
class ClassScores:
    """The scores of one class against the rest.

    Args:
        support: Cells (or patients) of the class.
        scores: ``precision``, ``recall``, ``specificity``, ``f1``, ``roc_auc``, ``pr_auc``; of more than two classes
            ``accuracy`` too (rightly called the class, or rightly not), which is near 1 for a rare class even if none
            is found.
    """

    support: int
    scores: dict[str, Score]


@dataclass(frozen=True, eq=False)
class Scores:
    """All scores of one part.

    Args:
        part: ``validation``, ``test``, or ``all`` where the predictions name none or several.
        cells: Labelled rows: cells, or patients where ``unit`` says so.
        patients: Their patients; None where they are not known.
        groups: Units of the resamples.
        classes: The classes.
        threshold: The operating threshold; None where there are more than two classes or calls were given.
        interval: How the intervals of the scores were made.
        scores: Score by name.
        per_class: Scores of each class.
        confusion: Rows by true class (row) and called class (column), k by k.
        by_patient: One row a patient: ``patient``, ``label`` (its own or that of all its cells; null where mixed),
            ``cells``, ``right``, ``share_right`` with ``low`` and ``high`` (Wilson's interval over its cells),
            ``called`` (the patient's call), ``score`` (mean probability of the positive class). Empty where the rows
            are patients: ``scores`` are theirs then.
        patient_scores: Scores of the patients' calls from their cells; None where no patient can be scored (a note says
            why), and where the rows are patients.
        patient_interval: How their intervals were made.
        curves: ``roc``, ``pr`` (by class) and ``calibration``, as in ``scores.json``.
        notes: What a reader must know, a sentence each.
        leakage: The reason that was given for a leaking split; None where nothing leaks.
        unit: What was scored: each ``cell``, or each ``patient`` as a whole.

    Example:
        ``scores["weighted_f1"].value``, ``scores["roc_auc"].low``
    """

    part: str
    cells: int
    patients: int | None
    groups: int
    classes: Classes
    threshold: float | None
    interval: Interval
    scores: dict[str, Score]
    per_class: dict[str, ClassScores]
    confusion: tuple[tuple[int, ...], ...]
    by_patient: pl.DataFrame
    patient_scores: dict[str, Score] | None
    patient_interval: Interval | None
    curves: dict[str, Any]
    notes: tuple[str, ...]
    leakage: str | None = None
    unit: Unit = "cell"

    def __getitem__(self, name: str) -> Score:
        if name not in self.scores:
            raise SettingsError(f"There is no score {name!r}.", do=nearest(name, self.scores))
        return self.scores[name]

    def as_json(self) -> dict[str, Any]:
        """Return the scores as plain JSON values: a part of ``scores.json``."""
        return {
            "part": self.part,
            "unit": self.unit,
            "cells": self.cells,
            "patients": self.patients,
            "groups": self.groups,
            "classes": list(self.classes.names),
            "titles": list(self.classes.titles),
            "positive": self.classes.positive,
            "threshold": self.threshold,
            "interval": asdict(self.interval),
            "scores": _plain(self.scores),
            "per_class": {name: {"support": one.support, **_plain(one.scores)} for name, one in self.per_class.items()},
            "confusion": [list(row) for row in self.confusion],
            "by_patient": self.by_patient.to_dicts(),
            "patient_scores": None if self.patient_scores is None else _plain(self.patient_scores),
            "patient_interval": None if self.patient_interval is None else asdict(self.patient_interval),
            "curves": self.curves,
            "notes": list(self.notes),
            "leakage": self.leakage,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Scores:
        """Make scores from what ``as_json`` returned.

        Raises:
            DataError: the value is no part of a ``scores.json``.
        """
        try:
            return _from_json(value)
        except (KeyError, TypeError) as error:
            raise DataError(f"This is no part of a scores.json: {error} is missing or wrong.") from None

    def __repr__(self) -> str:
        return showing.as_text(self)

    def _repr_html_(self) -> str:
        return showing.as_html(self)


def _from_json(value: Mapping[str, Any]) -> Scores:
    classes = Classes(tuple(value["classes"]), tuple(value["titles"]), value["positive"])
    per_class = {name: dict(found) for name, found in value["per_class"].items()}
    patients, interval = value["patient_scores"], value["patient_interval"]
    return Scores(
        part=value["part"],
        cells=value["cells"],
        patients=value["patients"],
        groups=value["groups"],
        classes=classes,
        threshold=value["threshold"],
        interval=Interval(**value["interval"]),
        scores=_scores(value["scores"]),
        per_class={name: ClassScores(found.pop("support"), _scores(found)) for name, found in per_class.items()},
        confusion=tuple(tuple(row) for row in value["confusion"]),
        by_patient=pl.DataFrame(value["by_patient"], schema=PATIENT_SCHEMA),
        patient_scores=None if patients is None else _scores(patients),
        patient_interval=None if interval is None else Interval(**interval),
        curves=value["curves"],
        notes=tuple(value["notes"]),
        leakage=value.get("leakage"),
        unit=value.get("unit", "cell"),
    )


def _plain(scores: Mapping[str, Score]) -> dict[str, Any]:
    return {name: asdict(score) for name, score in scores.items()}


def _scores(value: Mapping[str, Any]) -> dict[str, Score]:
    return {name: Score(**score) for name, score in value.items()}
