"""Whether missed cells are larger, darker, less round than the others: one AUC a property, clustered by patient."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from scipy import stats

from leukoscope.cohort.classes import Classes
from leukoscope.evaluation.intervals import intervals
from leukoscope.evaluation.names import Key
from leukoscope.evaluation.scoring import Resampling, plain_scores
from leukoscope.evaluation.tallies import Material, Tallies
from leukoscope.mistakes.counting import by_class
from leukoscope.mistakes.judging import Flags, Floats, Judged
from leukoscope.mistakes.rates import NO_PATIENTS, units_among

MISSED = Classes(("right", "missed"))
AREA: Key = (None, "roc_auc")
EVEN = 0.5
ONE_SIDE, ONE_VALUE = "no cell is missed, or none is right", "all cells have one value"

SCHEMA: dict[str, Any] = {
    "model": pl.String(),
    "property": pl.String(),
    "label": pl.String(),
    "cells": pl.Int64(),
    "missed": pl.Int64(),
    "patients_with_missed": pl.Int64(),
    "auc": pl.Float64(),
    "low": pl.Float64(),
    "high": pl.Float64(),
    "beyond_chance": pl.Boolean(),
    "reason": pl.String(),
}
"""The columns of ``associations.csv``: ``label`` null is all classes; ``beyond_chance``: the interval excludes 0.5."""


def association_table(judged: Judged, properties: pl.DataFrame | None, how: Resampling) -> pl.DataFrame:
    """Return how each property goes with being missed, by each model, of all classes and within each.

    The AUC is the chance that a missed cell has more of the property than one that is called rightly: 0.5 says
    nothing, 1 that every missed cell has more. Within a class it is free of what the classes differ in. Of twenty
    intervals of 95 %, one excludes 0.5 by luck.

    Args:
        judged: m models of n cells.
        properties: As in ``rates.rate_table``.
        how: How intervals are made.

    Returns:
        See ``SCHEMA``.
    """
    rows: list[dict[str, Any]] = []
    for name in [] if properties is None else properties.columns[1:]:
        values = properties[name].cast(pl.Float64).to_numpy()  # type: ignore[index]
        rows += [
            {"model": model, "property": name, "label": label, **_told(values, wrong, cells, judged, how)}
            for model, wrong in zip(judged.names, judged.wrong, strict=True)
            for label, cells in by_class(judged)
            if cells.any()
        ]
    return pl.DataFrame(rows, schema=SCHEMA)


def _told(values: Floats, wrong: Flags, cells: Flags, judged: Judged, how: Resampling) -> dict[str, Any]:
    rows = cells & ~np.isnan(values)
    missed = wrong[rows]
    groups = judged.table.select(pl.coalesce("group", "patient").alias("unit"))["unit"].filter(pl.Series(rows & wrong))
    known = {
        "cells": int(rows.sum()),
        "missed": int(missed.sum()),
        "patients_with_missed": groups.n_unique() if judged.patients_known else None,
    }
    if not 0 < known["missed"] < known["cells"]:  # type: ignore[operator]
        return {**known, "reason": ONE_SIDE}
    if np.ptp(values[rows]) == 0:
        return {**known, "reason": ONE_VALUE}
    return {**known, **_area(values[rows], missed, rows, judged, how)}


def _area(values: Floats, missed: Flags, rows: Flags, judged: Judged, how: Resampling) -> dict[str, Any]:
    # Ranks between 0 and 1 stand for probabilities: the AUC is one of order.
    ranks = (stats.rankdata(values) - EVEN) / len(values)
    truth = missed.astype(np.int64)
    material = Material(truth, truth, np.stack([1 - ranks, ranks], axis=1), MISSED, units_among(judged, rows))
    tallies = Tallies(material)
    value = plain_scores(tallies)[AREA]
    if not judged.patients_known:
        return {"auc": value, "reason": NO_PATIENTS}
    found = intervals(tallies, {AREA: value}, level=how.level, replicates=how.replicates, seed=how.seed)[AREA]
    if found.low is None or found.high is None:
        return {"auc": value, "reason": found.reason}
    return {
        "auc": value,
        "low": found.low,
        "high": found.high,
        "beyond_chance": not found.low <= EVEN <= found.high,
    }
