"""``calibration.csv`` and ``reliability.csv``: how sure members and rules are, and how often right."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from typing import Any

import polars as pl

from leukoscope.errors import DataError, LeukoscopeWarning
from leukoscope.evaluation import Score, fit_calibrator
from leukoscope.evaluation.calibration import calibration_curve, confidence
from leukoscope.evaluation.evaluate import material_of
from leukoscope.evaluation.names import PROBABILISTIC
from leukoscope.evaluation.scoring import Resampling, scores_with_intervals
from leukoscope.evaluation.tallies import Tallies
from leukoscope.predictions.table import Predictions
from leukoscope.runs.spoken import Spoken, bounds

KIND = "platt"
"""Platt's regression; of more than two classes a temperature."""
BEFORE, AFTER = "before", "after"

TEXT = ("name", "kind", "state", "calibration", "note")
SCHEMA: dict[str, pl.DataType] = {
    **dict.fromkeys(TEXT[:4], pl.String()),
    **{f"{name}{end}": pl.Float64() for name in PROBABILISTIC for end in ("", "_low", "_high")},
    "mean_confidence": pl.Float64(),
    "share_right": pl.Float64(),
    "note": pl.String(),
}
BINS: dict[str, pl.DataType] = {
    **dict.fromkeys(TEXT[:3], pl.String()),
    **dict.fromkeys(("low", "high", "mean_probability", "share_right"), pl.Float64()),
    "cells": pl.Int64(),
}


def calibration_tables(said: Sequence[Spoken]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Measure calibration on the test part, before and after a calibration that is fitted on validation.

    Args:
        said: Members and rules. What a rule that learns says of validation must be out of fold.

    Returns:
        ``calibration.csv``, two rows each: ``name``, ``kind``, ``state`` (before, after), ``calibration`` (none, platt,
        temperature), ``brier``, ``ece``, ``log_loss`` with their intervals, ``mean_confidence`` (the mean of the
        highest probability of each row), ``share_right`` (how often its class was right), ``note``; numbers are null
        where nothing could be calibrated, and the note says why. And ``reliability.csv``: of each of these the bins of
        the highest probability that have rows: ``low``, ``high``, ``mean_probability``, ``share_right``, ``cells``.
    """
    rows, bins = [], []
    for one in said:
        for state, kind, predictions, scores, note in _states(one):
            head = {"name": one.name, "kind": one.kind, "state": state}
            rows.append(head | {"calibration": kind, "note": note} | _row(predictions, scores))
            bins += [head | found for found in _bins(predictions)]
    return pl.DataFrame(rows, schema=SCHEMA), pl.DataFrame(bins, schema=BINS)


def _states(one: Spoken) -> Iterator[tuple[str, str, Predictions | None, dict[str, Score], str | None]]:
    """Yield before and after: its name, the kind of calibration, what is said then, its scores, a note."""
    yield BEFORE, "none", one.test, one.scored.scores, None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", LeukoscopeWarning)  # it stands in the notes
            fitted = fit_calibrator(one.validation, KIND)
    except DataError as error:
        yield AFTER, "none", None, {}, error.what
        return
    after = fitted.apply(one.test)
    found = scores_with_intervals(Tallies(material_of(after)), Resampling())
    scores = {name: found[None, name] for name in PROBABILISTIC}
    yield AFTER, fitted.kind, after, scores, " ".join(fitted.notes) or None


def _row(said: Predictions | None, scores: dict[str, Score]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in PROBABILISTIC:
        found |= bounds(scores.get(name, Score(None)), name)
    if said is None:
        return found
    claimed, right = _top(said)
    return found | {"mean_confidence": float(claimed.mean()), "share_right": float(right.mean())}


def _bins(said: Predictions | None) -> list[dict[str, Any]]:
    return [] if said is None else calibration_curve(*_top(said))


def _top(said: Predictions) -> tuple[Any, Any]:
    """Return each row's highest probability, and whether its class is right, (n,) each."""
    material = material_of(said)
    assert material.probabilities is not None
    return confidence(material.probabilities, material.truth, None)
