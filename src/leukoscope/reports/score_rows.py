"""The rows of the score tables: every score with its interval, or ``n/a`` with the reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from leukoscope.evaluation.names import COUNTED, OF_A_CLASS, PROBABILISTIC, RANKED, smaller_is_better
from leukoscope.reports.published_figure import OF_CLASSES, published_figure
from leukoscope.reports.words import (
    NOT_AVAILABLE,
    NOTHING,
    decimal,
    interval_words,
    metric_title,
    no_interval_words,
    of_unit,
    unit_of,
)

PART_TITLES = {
    "test": "Test part",
    "validation": "Validation part",
    "train": "Training part",
    "all": "All scored cells",
}

GROUPS: dict[str, tuple[str, ...]] = {
    "What it calls": COUNTED,
    "How it ranks, at any threshold": RANKED,
    "How honest its probabilities are": PROBABILISTIC,
}
FURTHER = "Further scores"
# The other scores lie between 0 and 1 and have a bar (a Brier score of many classes may be larger, then it has none).
UNBOUNDED = {"mcc", "log_loss"}

MEANINGS = {
    "accuracy": "share of all cells called right; the larger class weighs more",
    "balanced_accuracy": "mean of the recalls of the classes; always saying one class gives 1 / number of classes",
    "sensitivity": "share of positive cells that are found",
    "specificity": "share of negative cells that are left alone",
    "weighted_precision": "of the cells called so, the share that is; classes weighted by their cells",
    "weighted_recall": "of the cells that are so, the share called so; classes weighted by their cells",
    "weighted_specificity": "specificity of each class against the rest; classes weighted by their cells",
    "weighted_f1": "harmonic mean of precision and recall; classes weighted by their cells",
    "macro_precision": "precision; every class counts the same",
    "macro_recall": "recall; every class counts the same",
    "macro_specificity": "specificity; every class counts the same",
    "macro_f1": "harmonic mean of precision and recall; every class counts the same",
    "mcc": "Matthews correlation of call and truth: 1 perfect, 0 none, \N{MINUS SIGN}1 always the opposite",
    "roc_auc": "chance that a positive cell is ranked above a negative one: 1 perfect, 0.5 guessing",
    "pr_auc": "mean precision over all recalls; guessing gives the share of positive cells",
    "brier": "mean squared error of the probability; 0 is perfect",
    "ece": "calibration error: mean distance between the probability it states and how often it is right; 0 is perfect",
    "log_loss": "punishes being surely wrong; 0 is perfect",
}


@dataclass(frozen=True)
class ScoreRow:
    """A score as it stands in a table.

    Args:
        title: Its name.
        value: The number as written, or ``n/a``.
        interval: The bounds as written, or why there are none; empty where no interval was asked for.
        reason: Why there is no value; empty where there is one.
        meaning: What it says, in half a sentence.
        bar: Value, low and high on a bar from 0 to 1; None for no bar.
        small_is_good: Whether less is better.
    """

    title: str
    value: str
    interval: str
    reason: str
    meaning: str
    bar: tuple[float, float, float] | None
    small_is_good: bool


def score_row(name: str, score: dict[str, Any] | None, unit: str = "cell") -> ScoreRow:
    """Return the row of one score.

    Args:
        name: The score's name in ``scores.json``.
        score: ``{"value", "low", "high", "reason"}``; None is ``n/a`` without a reason.
        unit: What it is a score of: ``cell`` or ``patient``.
    """
    score = score or {}
    value = score.get("value")
    return ScoreRow(
        title=metric_title(name),
        value=NOT_AVAILABLE if value is None else decimal(value),
        interval=interval_words(score) or no_interval_words(score),
        reason="" if value is not None else str(score.get("reason") or "not measured"),
        meaning=of_unit(MEANINGS.get(name, ""), unit),
        bar=_bar(name, score),
        small_is_good=smaller_is_better(name),
    )


def _bar(name: str, score: dict[str, Any]) -> tuple[float, float, float] | None:
    value, low, high = score.get("value"), score.get("low"), score.get("high")
    if name in UNBOUNDED or value is None or low is None or high is None or high > 1:
        return None
    return value, low, high


def part_title(name: str, part: dict[str, Any]) -> str:
    """Return a part's title, ``Test part``."""
    return of_unit(PART_TITLES.get(name, name), unit_of(part))


def score_groups(part: dict[str, Any]) -> dict[str, list[ScoreRow]]:
    """Return the rows of all scores of a part under their headings; a heading without scores is left out."""
    scores, unit = part["scores"], unit_of(part)
    grouped = {
        title: [score_row(name, scores[name], unit) for name in names if name in scores]
        for title, names in GROUPS.items()
    }
    known = {name for names in GROUPS.values() for name in names}
    grouped[FURTHER] = [score_row(name, score, unit) for name, score in scores.items() if name not in known]
    return {title: rows for title, rows in grouped.items() if rows}


def named_rows(part: dict[str, Any], names: tuple[str, ...]) -> list[ScoreRow]:
    """Return the rows of some scores of a part, without those that it lacks."""
    return [score_row(name, part["scores"][name], unit_of(part)) for name in names if name in part["scores"]]


def patient_score_rows(part: dict[str, Any]) -> list[ScoreRow]:
    """Return the rows of the patients' own scores; none where no patient can be scored (a note says why)."""
    return [score_row(name, score, "patient") for name, score in (part.get("patient_scores") or {}).items()]


def class_rows(part: dict[str, Any]) -> tuple[list[str], list[dict[str, Any]]]:
    """Return the per-class table: its columns' titles, and one row a class with ``title``, ``support``, ``scores``."""
    per_class = part.get("per_class") or {}
    names = [name for name in OF_A_CLASS if any(name in entry for entry in per_class.values())]
    rows = [
        {
            "title": part["titles"][part["classes"].index(label)],
            "support": entry["support"],
            "scores": [score_row(name, entry.get(name)) for name in names],
        }
        for label, entry in per_class.items()
    ]
    return [metric_title(name) for name in names], rows


def patient_rows(part: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the table of patients as text, in the order of the table in ``scores.json``."""
    titles = dict(zip(part["classes"], part["titles"], strict=True))
    return [
        {
            "patient": row["patient"],
            "label": titles.get(row["label"], "several classes"),
            "cells": row["cells"],
            "right": row["right"],
            "share": decimal(row["share_right"], 2),
            "interval": interval_words(row, 2),
            "called": titles.get(row.get("called"), NOTHING),
            "wrong": row["label"] is not None and row.get("called") not in {None, row["label"]},
            "score": NOTHING if row.get("score") is None else decimal(row["score"], 2),
        }
        for row in part.get("by_patient") or []
    ]


def peeking(protocol: str) -> bool:
    """Return whether a protocol says that its figures come from peeking: epochs chosen on the patients scored.

    Example:
        >>> peeking("Mean of the ten best epochs (peeking)."), peeking("Hold-out, scored once.")
        (True, False)
    """
    return "peeking" in protocol.lower()


def published_rows(figures: dict[str, Any], part: dict[str, Any]) -> list[dict[str, Any]]:
    """Return published figures beside ours: ``title``, ``ours`` (a row) and ``theirs`` (as written).

    Args:
        figures: By metric, in any form that ``published_figure`` knows, or anything else, shown as it is; those of
            single classes (``classes``) are left to studies.
        part: The part of ``scores.json`` to compare with.
    """
    return [
        {"title": metric_title(name), "ours": score_row(name, part["scores"].get(name)), "theirs": _published(figure)}
        for name, figure in figures.items()
        if name != OF_CLASSES
    ]


def _published(said: Any) -> str:  # noqa: ANN401 - what a recipe says
    figure = published_figure(said)
    return str(said) if figure is None else figure.words
