"""What the runs of a variant have in common: mean, deviation, extremes, and the interval over runs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
from scipy import stats

from leukoscope.evaluation.names import TITLES, value_range
from leukoscope.studies.running import FAILED
from leukoscope.studies.table import HEAD, HIGH, LOW, PATIENT

LEVEL = 0.95
COLUMNS: dict[str, pl.DataType] = {
    "variant": pl.String(),
    "score": pl.String(),
    "unit": pl.String(),
    "planned": pl.Int64(),
    "failed": pl.Int64(),
    "runs": pl.Int64(),
    "mean": pl.Float64(),
    "deviation": pl.Float64(),
    "min": pl.Float64(),
    "max": pl.Float64(),
    "low": pl.Float64(),
    "high": pl.Float64(),
    "patients_low": pl.Float64(),
    "patients_high": pl.Float64(),
}
"""The columns of ``summary.csv``.

``planned`` runs of which ``failed`` failed and ``runs`` have the score; ``low`` to ``high`` is the interval of the mean
over runs (Student's t, 95 %): how far another set of seeds would move it. ``patients_low`` to ``patients_high`` is the
mean of the runs' own intervals over their test patients: how far other patients would move one run.
"""


def summary_table(table: pl.DataFrame, settings: Sequence[str] = ()) -> pl.DataFrame:
    """Return a row a variant and score, with the columns of ``COLUMNS``.

    Failed runs have no score, but are counted: a mean of three runs of five says so.

    Args:
        table: What ``study_table`` returned.
        settings: Its columns of settings that vary.
    """
    scores = [
        name
        for name in table.columns
        if name not in HEAD and name not in settings and not name.endswith((LOW, HIGH)) and table[name].dtype.is_float()
    ]
    rows = [
        _row(variant, score, own)
        for (variant,), own in table.group_by("variant", maintain_order=True)
        for score in scores
    ]
    return pl.DataFrame(rows, schema=COLUMNS)


def over_runs(values: Sequence[float], score: str = "") -> dict[str, Any]:
    """Return number, mean, deviation, extremes and the 95 % interval of the mean by Student's t.

    Args:
        values: One a run.
        score: The score's name; the interval is kept within what it can be.

    Returns:
        ``runs``, ``mean``, ``deviation`` (n - 1 in the denominator), ``min``, ``max``, ``low``, ``high``; None where
        there are too few runs for it.

    Example:
        >>> found = over_runs([0.8, 0.9])
        >>> found["runs"], round(found["mean"], 3), round(found["deviation"], 4), round(found["low"], 3)
        (2, 0.85, 0.0707, 0.215)
    """
    if not values:
        return {"runs": 0, **dict.fromkeys(("mean", "deviation", "min", "max", "low", "high"))}
    number, mean = len(values), float(np.mean(values))
    found: dict[str, Any] = {"runs": number, "mean": mean, "min": float(min(values)), "max": float(max(values))}
    if number == 1:
        return found | dict.fromkeys(("deviation", "low", "high"))
    deviation = float(np.std(values, ddof=1))
    half = float(stats.t.ppf((1 + LEVEL) / 2, number - 1)) * deviation / math.sqrt(number)
    lowest, highest = _range(score)
    return found | {"deviation": deviation, "low": max(mean - half, lowest), "high": min(mean + half, highest)}


def _row(variant: object, score: str, own: pl.DataFrame) -> dict[str, Any]:
    known = own.filter(pl.col(score).is_not_null())
    unit = "patient" if score.startswith(PATIENT) else next(iter(own["unit"].drop_nulls()), None)
    bounds = {
        f"patients{end}": known[score + end].mean() if score + end in known.columns else None for end in (LOW, HIGH)
    }
    counts = {"planned": own.height, "failed": own.filter(pl.col("status") == FAILED).height}
    head = {"variant": variant, "score": score, "unit": unit, **counts}
    return {**head, **over_runs(known[score].to_list(), score.removeprefix(PATIENT)), **bounds}


def _range(score: str) -> tuple[float, float]:
    known = score in TITLES
    return value_range(score, binary=False) if known else (-math.inf, math.inf)
