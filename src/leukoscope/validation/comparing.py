"""Before and after recalibration, on those who were not recalibrated on."""

from __future__ import annotations

from typing import Any

import polars as pl

from leukoscope.evaluation import Scores, compare_pair, evaluate
from leukoscope.evaluation.calibration import calibration_curve, confidence
from leukoscope.evaluation.evaluate import material_of
from leukoscope.evaluation.scoring import Resampling
from leukoscope.predictions.table import Predictions

COMPARED = (
    "accuracy",
    "balanced_accuracy",
    "sensitivity",
    "specificity",
    "macro_f1",
    "roc_auc",
    "brier",
    "log_loss",
    "ece",
)
UNPAIRED = "ece"
RECALIBRATION: dict[str, pl.DataType] = {
    "score": pl.String(),
    **{f"{state}{end}": pl.Float64() for state in ("before", "after") for end in ("", "_low", "_high")},
    **dict.fromkeys(("difference", "difference_low", "difference_high", "p"), pl.Float64()),
    "reason": pl.String(),
}
"""The columns of ``recalibration.csv``: ``difference`` is after less before, on the same rows."""
BINS: dict[str, pl.DataType] = {
    "state": pl.String(),
    **dict.fromkeys(("low", "high", "mean_probability", "share_right"), pl.Float64()),
    "cells": pl.Int64(),
}
"""The columns of ``reliability.csv``: bins of the highest probability."""


def compared(
    before: Predictions, after: Predictions, thresholds: tuple[float | None, float | None], how: Resampling
) -> pl.DataFrame:
    """Return the scores of the same rows before and after recalibration, with the paired difference.

    Args:
        before: The rest's predictions, as the bundle states them.
        after: The same, recalibrated.
        thresholds: The operating threshold of each.
        how: How intervals are made.
    """
    said = (before, after)
    scored = [_scored(one, threshold, how) for one, threshold in zip(said, thresholds, strict=True)]
    rows = []
    for name in (name for name in COMPARED if name in scored[0].scores):
        old, new = (one.scores[name] for one in scored)
        row: dict[str, Any] = {"score": name, "reason": old.reason or new.reason}
        for state, score in (("before", old), ("after", new)):
            row |= {state: score.value, f"{state}_low": score.low, f"{state}_high": score.high}
        if old.value is not None and new.value is not None:
            row |= {"difference": new.value - old.value}
            row |= {} if name == UNPAIRED or not how.replicates else _paired(said, thresholds, name, how)
        rows.append(row)
    return pl.DataFrame(rows, schema=RECALIBRATION)


def reliability_table(before: Predictions, after: Predictions) -> pl.DataFrame:
    """Return how often rows were called rightly by how sure it was, before and after: the columns of ``BINS``."""
    bins = [
        {"state": state, **found}
        for state, said in (("before", before), ("after", after))
        for found in _bins(said)
    ]  # fmt: skip
    return pl.DataFrame(bins, schema=BINS)


def _scored(said: Predictions, threshold: float | None, how: Resampling) -> Scores:
    return evaluate(said, threshold=threshold, level=how.level, replicates=how.replicates, seed=how.seed)


def _paired(
    said: tuple[Predictions, Predictions], thresholds: tuple[float | None, float | None], name: str, how: Resampling
) -> dict[str, Any]:
    """Return the interval and p of after less before."""
    before, after = said
    found = compare_pair(
        after,
        before,
        score=name,
        thresholds=(thresholds[1], thresholds[0]),
        level=how.level,
        replicates=how.replicates,
        seed=how.seed,
    )
    return {"difference_low": found.low, "difference_high": found.high, "p": found.p}


def _bins(said: Predictions) -> list[dict[str, Any]]:
    material = material_of(said)
    assert material.probabilities is not None, "a bundle gives probabilities"
    return calibration_curve(*confidence(material.probabilities, material.truth, None))
