"""What the runs of a variant have in common: mean, deviation, extremes, intervals; what was published beside it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl
from scipy import stats

from leukoscope.evaluation.names import PATIENT_SCORE, TITLES, value_range
from leukoscope.reports.published_figure import NAMES, published_figure
from leukoscope.studies.curves import best_epoch_values
from leukoscope.studies.running import FAILED
from leukoscope.studies.table import HEAD, HIGH, LOW

LEVEL = 0.95
CHOSEN = "validation_"
PUBLISHED = "published_"
SPREAD = ("mean", "deviation", "min", "max")
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
    CHOSEN + "runs": pl.Int64(),
    **{CHOSEN + name: pl.Float64() for name in SPREAD},
    **{PUBLISHED + name: pl.Float64() for name in SPREAD},
    "paper": pl.String(),
    "protocol": pl.String(),
}
"""The columns of ``summary.csv``.

``planned`` runs of which ``failed`` failed and ``runs`` have the score; ``low`` to ``high`` is the interval of the mean
over runs (Student's t, 95 %): how far another set of seeds would move it; over folds it is widened by what these share
(``overlap_of``). ``patients_low`` to ``patients_high`` is the
mean of the runs' own intervals over their test patients: how far other patients would move one run.

``validation_mean`` and so on are over the runs' values on validation at the epoch that was chosen there, as many papers
report them; null where runs have no epochs, and of scores of the cells' patients. ``published_mean`` and so on are the
published figures, with the ``paper`` and the ``protocol`` by which they were measured; null where there are none.
"""


def summary_table(
    table: pl.DataFrame,
    settings: Sequence[str] = (),
    *,
    record: Mapping[str, Any] | None = None,
    epochs: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Return a row a variant and score, with the columns of ``COLUMNS``.

    Failed runs have no score, but are counted: a mean of three runs of five says so.

    Args:
        table: What ``study_table`` returned.
        settings: Its columns of settings that vary.
        record: The study's record, with what was published for each variant; None for nothing published.
        epochs: What ``curves.epochs_table`` returned; None for no epochs.
    """
    scores = [
        name
        for name in table.columns
        if name not in HEAD and name not in settings and not name.endswith((LOW, HIGH)) and table[name].dtype.is_float()
    ]
    chosen = {} if epochs is None else _chosen(epochs)
    published, overlap = _published(record or {}), overlap_of(record or {})
    rows = [
        {
            **_row(variant, score, own, overlap),
            **chosen.get((variant, score), {}),
            **published.get((variant, score), {}),
        }
        for (variant,), own in table.group_by("variant", maintain_order=True)
        for score in scores
    ]
    return pl.DataFrame([{name: row.get(name) for name in COLUMNS} for row in rows], schema=COLUMNS)


def overlap_of(record: Mapping[str, Any]) -> float:
    """Return by how much the runs of a study vary less than independent ones would, for the interval of their mean.

    The training parts of folds overlap, so that the deviation between folds tells too little of how far another data
    set would move their mean. Nadeau & Bengio (2003, Machine Learning 52) add the ratio of the test part to the rest to
    1 / n: 1 / (folds - 1).

    Args:
        record: The study's record.

    Returns:
        What is added to 1 / n; 0 for a study without folds, whose runs differ by their seeds.

    Example:
        >>> overlap_of({"folds": 5}), overlap_of({})
        (0.25, 0.0)
    """
    folds = record.get("folds")
    return 1 / (folds - 1) if folds else 0.0


def over_runs(values: Sequence[float], score: str = "", overlap: float = 0.0) -> dict[str, Any]:
    """Return number, mean, deviation, extremes and the 95 % interval of the mean by Student's t.

    Args:
        values: One a run.
        score: The score's name; the interval is kept within what it can be.
        overlap: As ``overlap_of`` returns it; 0 or more.

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
    half = float(stats.t.ppf((1 + LEVEL) / 2, number - 1)) * deviation * math.sqrt(1 / number + overlap)
    lowest, highest = _range(score)
    return found | {"deviation": deviation, "low": max(mean - half, lowest), "high": min(mean + half, highest)}


def _row(variant: object, score: str, own: pl.DataFrame, overlap: float) -> dict[str, Any]:
    known = own.filter(pl.col(score).is_not_null())
    unit = "patient" if score.startswith(PATIENT_SCORE) else next(iter(own["unit"].drop_nulls()), None)
    bounds = {
        f"patients{end}": known[score + end].mean() if score + end in known.columns else None for end in (LOW, HIGH)
    }
    counts = {"planned": own.height, "failed": own.filter(pl.col("status") == FAILED).height}
    head = {"variant": variant, "score": score, "unit": unit, **counts}
    over = over_runs(known[score].to_list(), score.removeprefix(PATIENT_SCORE), overlap)
    return {**head, **over, **bounds}


def _chosen(epochs: pl.DataFrame) -> dict[tuple[object, str], dict[str, Any]]:
    """Return by variant and score the values on validation at the epoch that was chosen there."""
    return {
        (variant, metric): {CHOSEN + name: value for name, value in over_runs(values).items()}
        for variant, metric, values in best_epoch_values(epochs)
    }


def _published(record: Mapping[str, Any]) -> dict[tuple[object, str], dict[str, Any]]:
    """Return by variant and score the published figures with their source."""
    found: dict[tuple[object, str], dict[str, Any]] = {}
    for own in record.get("variants", ()):
        # A variant that is a recipe of its own has its own protocol; the others have that of the study's recipe.
        source = {name: own.get(name, record.get(name)) for name in ("paper", "protocol")}
        for score, said in own["published"].items():
            figure = published_figure(said)
            if figure is not None:
                found[own["variant"], score] = source | {PUBLISHED + name: getattr(figure, name) for name in NAMES}
    return found


def _range(score: str) -> tuple[float, float]:
    known = score in TITLES
    return value_range(score, binary=False) if known else (-math.inf, math.inf)
