"""The probe: how well a class can be told from global statistics, on groups of patients that were not learnt from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import polars as pl
from sklearn.metrics import roc_auc_score

from leukoscope.audit.shortcuts.chance import chance_of
from leukoscope.audit.shortcuts.encoding import Matrix, varies
from leukoscope.audit.shortcuts.folds import FOLDS, fold_of
from leukoscope.audit.shortcuts.models import WAYS, Scorer, class_codes, learnt, present, together
from leukoscope.audit.shortcuts.statistic import Kind, Statistic, Unit
from leukoscope.cohort.classes import Classes
from leukoscope.evaluation import Scores, evaluate
from leukoscope.predictions.table import Predictions, probability_column

REPLICATES = 200
FEWEST_GROUPS = 4
CLEARLY = 0.02  # by which the tree must be better: what rises holds on other patients too
NO_PATIENT = "cell:"


@dataclass(frozen=True)
class Told:
    """How well one statistic, or all of them, tells the classes.

    Args:
        statistic: Its name.
        kind: What it is of; ``all`` of all together.
        phrase: How it stands in a sentence.
        unit: What was told: single cells, or patients.
        rows: How many of them.
        groups: Of how many linked groups.
        unseen: Whom nothing was learnt from: ``patients``, or ``cells`` where patients are not known.
        way: ``rising`` (the more the likelier), ``stepped`` (a small tree) or ``together``.
        auc: ROC AUC on groups that were not learnt from; of more than two classes the mean of each against the rest.
        low: Lower bound of its 95 % interval, by resampling groups; None where it rests on a single one.
        high: Upper bound.
        best: The class that is told best.
        best_auc: Its ROC AUC against the rest.
        chance: How likely luck tells it so well (see ``chance_of``), times the number of classes where there are more
            than two, since the best is chosen.
    """

    statistic: str
    kind: Kind
    phrase: str
    unit: Unit
    rows: int
    groups: int
    unseen: str
    way: str
    auc: float
    low: float | None
    high: float | None
    best: str
    best_auc: float
    chance: float

    def as_row(self) -> dict[str, Any]:
        """Return it as a row of a table, without its phrase."""
        return {name: value for name, value in asdict(self).items() if name != "phrase"}


def can_be_probed(table: pl.DataFrame) -> bool:
    """Whether there are enough groups: four of each of two classes.

    Args:
        table: ``group`` and ``label``.
    """
    groups = table.group_by("label").agg(groups=pl.col("group").n_unique())
    return groups.filter(pl.col("groups") >= FEWEST_GROUPS).height > 1


def probe(table: pl.DataFrame, statistics: Sequence[Statistic], classes: Classes, unit: Unit) -> tuple[Told, ...]:
    """Measure each statistic by itself, in both ways; the better way is told.

    Args:
        table: ``id``, ``group``, ``label`` and the statistics' columns; no null label, sorted by id.
        statistics: What to try.
        classes: The cohort's classes.
        unit: What a row is.
    """
    found = []
    for one in statistics:
        way, scores, _ = _best_way(table, one, classes)
        measured = _measured(table, scores, classes)
        found.append(Told(one.name, one.kind, one.phrase, unit, table.height, way=way, **measured))
    return tuple(found)


def probe_together(table: pl.DataFrame, statistics: Sequence[Statistic], classes: Classes, unit: Unit) -> Told | None:
    """Measure all statistics together; None where all are the same everywhere. Arguments as in ``probe``."""
    columns = tuple(dict.fromkeys(column for statistic in statistics for column in statistic.columns))
    columns = tuple(name for name in columns if varies(table, (name,)))
    if not columns:
        return None
    measured = _measured(table, _out_of_fold(table, columns, classes, together), classes)
    return Told("all together", "all", "all of it together", unit, table.height, way="together", **measured)


def best_single(table: pl.DataFrame, statistics: Sequence[Statistic], classes: Classes) -> tuple[Statistic, str] | None:
    """Return the statistic that tells the classes best by itself, out of fold, and the way; None where none can.

    Args:
        table: As in ``probe``.
        statistics: What to choose from.
        classes: The cohort's classes.
    """
    if not can_be_probed(table):
        return None
    found = []
    for one in statistics:
        if varies(table, one.columns):
            way, _, area = _best_way(table, one, classes)
            found.append((area, one, way))
    return max(found, key=lambda row: row[0])[1:] if found else None


def predictions_of(table: pl.DataFrame, scores: Matrix, names: Sequence[str], classes: Classes) -> Predictions:
    """Return scores as a table of predictions.

    Args:
        table: ``id``, ``group``, ``label``; n rows.
        scores: Probabilities, (n, k).
        names: The k classes that they are of; a class that is not among them gets 0.
        classes: All classes.
    """
    given = dict(zip(names, scores.T, strict=True))
    columns = {probability_column(name): given.get(name, np.zeros(table.height)) for name in classes.names}
    whose = pl.when(~pl.col("group").str.starts_with(NO_PATIENT)).then("group")
    kept = table.select("id", "label", group=whose, patient=whose)
    return Predictions(kept.with_columns(pl.Series(name, values) for name, values in columns.items()), classes)


def _best_way(table: pl.DataFrame, one: Statistic, classes: Classes) -> tuple[str, Matrix, float]:
    """Return the way in which a statistic tells the classes better, its scores, and their AUC."""
    scores = {way: _out_of_fold(table, one.columns, classes, scorer) for way, scorer in WAYS.items()}
    areas = {way: _auc(made, table, classes) for way, made in scores.items()}
    way = "stepped" if areas["stepped"] > areas["rising"] + CLEARLY else "rising"
    return way, scores[way], areas[way]


def _out_of_fold(table: pl.DataFrame, columns: tuple[str, ...], classes: Classes, scorer: Scorer) -> Matrix:
    fold, names = fold_of(table), present(table, classes)
    scores = np.full((table.height, len(names)), 1 / len(names))
    for number in range(FOLDS):
        held = fold == number
        if held.any() and not held.all():
            scores[held] = learnt(table.filter(~held), table.filter(held), columns, names, scorer)
    return scores


def _auc(scores: Matrix, table: pl.DataFrame, classes: Classes) -> float:
    names = present(table, classes)
    truth = class_codes(table, names)
    return float(np.mean([roc_auc_score(truth == place, scores[:, place]) for place in range(len(names))]))


def _measured(table: pl.DataFrame, scores: Matrix, classes: Classes) -> dict[str, Any]:
    names = present(table, classes)
    predictions = predictions_of(table, scores, names, classes)
    scored = evaluate(predictions, replicates=REPLICATES)
    best, best_auc = _best(scored)
    area = scored["roc_auc"]
    chance = chance_of(table["group"], scores[:, names.index(best)], (table["label"] == best).to_numpy())
    return {
        "groups": table["group"].n_unique(),
        "unseen": "cells" if table["group"].str.starts_with(NO_PATIENT).all() else "patients",
        "auc": area.value,
        "low": area.low,
        "high": area.high,
        "best": best,
        "best_auc": best_auc,
        "chance": min(1.0, chance * (len(names) if len(names) > 2 else 1)),  # noqa: PLR2004 - of two there is no choice
    }


def _best(scores: Scores) -> tuple[str, float]:
    areas = {name: one.scores["roc_auc"].value for name, one in scores.per_class.items()}
    known = {name: area for name, area in areas.items() if area is not None}
    best = scores.classes.positive or max(known, key=lambda name: known[name])
    return best, known[best]
