"""How much is missed at an equal rate of false alarms: what thresholds and class weights cannot change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from leukoscope.errors import DataError, SettingsError
from leukoscope.evaluation.evaluate import material_of
from leukoscope.evaluation.resampling import replicate_weights
from leukoscope.evaluation.scores import Score
from leukoscope.evaluation.scoring import Resampling
from leukoscope.evaluation.shares import FEWEST, Bound, share_bounds
from leukoscope.evaluation.tallies import Material
from leukoscope.evaluation.units import Floats, Ints
from leukoscope.predictions.table import Predictions

RATES = (0.05, 0.1, 0.2)
"""Rates of false alarms at which models are compared where none is given."""


@dataclass(frozen=True)
class MissedAt:
    """What is missed at one rate of false alarms.

    Args:
        false_positive_rate: The rate of false alarms, between 0 and 1.
        false_negative_rate: The share of the positive class that is missed there, with its interval.
    """

    false_positive_rate: float
    false_negative_rate: Score


def missed_at(
    predictions: Predictions,
    rates: Sequence[float] = RATES,
    *,
    level: float = 0.95,
    replicates: int = 2000,
    seed: int = 0,
) -> tuple[MissedAt, ...]:
    """Return the false-negative rate at given false-positive rates, read off the ROC curve.

    Between two points of the curve a straight line is taken, so that the rate of false alarms is exactly the one that
    was asked for (Provost & Fawcett 2001, Machine Learning 42:203): what drawing lots between two thresholds reaches.
    No operating threshold plays a part. The interval resamples linked groups as ``evaluate`` does, each replicate with
    a curve of its own: Student's t on the logit scale, and where nothing or all is missed the exact bound of Clopper &
    Pearson for units; none where fewer than two units hold a class.

    Args:
        predictions: Labelled predictions of two classes with probabilities.
        rates: The rates of false alarms, each between 0 and 1.
        level: The coverage that the intervals aim at, between 0 and 1.
        replicates: How many resamples, 100 or more; 0 for no intervals.
        seed: The seed of the resamples.

    Raises:
        SettingsError: more than two classes, or a rate that is none.
        DataError: no probabilities, or a class without a labelled row.

    Example:
        >>> import polars as pl
        >>> from leukoscope.cohort.classes import Classes
        >>> rows = {"id": list("abcd"), "label": ["hem", "all"] * 2, "p_all": [0.1, 0.9, 0.6, 0.4]}
        >>> table = pl.DataFrame(rows).with_columns(p_hem=1 - pl.col("p_all"))
        >>> (found,) = missed_at(Predictions(table, Classes(("hem", "all"))), [0.25], replicates=0)
        >>> print(found.false_negative_rate)
        0.500
    """
    how = Resampling(level, replicates, seed)
    refuse_without_rates(predictions, rates)
    material = material_of(predictions)
    curve, wanted = WeightedCurve.of(material), np.asarray(rates, dtype=np.float64)
    values = curve.missed(np.ones((material.units.number, 1)), wanted)[:, 0]
    bounds = _bounds(curve, material, wanted, values, how)
    return tuple(
        MissedAt(rate, Score(float(value), *bound)) for rate, value, bound in zip(rates, values, bounds, strict=True)
    )


@dataclass(frozen=True, eq=False)
class WeightedCurve:
    """The ROC curve of n rows under any weights of their units.

    Args:
        positive: Whether each row is of the positive class, (n,), rows from the highest probability down.
        code: The unit of each row, (n,).
        ends: The last row of each distinct probability, (L,).
    """

    positive: Ints
    code: Ints
    ends: Ints

    @classmethod
    def of(cls, material: Material) -> WeightedCurve:
        """Return the curve of two classes' probabilities.

        Args:
            material: The rows, with probabilities.

        Raises:
            DataError: a class has no row.
        """
        assert material.probabilities is not None
        assert material.positive is not None
        chance = material.probabilities[:, material.positive]
        _refuse_lone_class(material)
        order = np.argsort(-chance, kind="stable")
        ends = np.append(np.flatnonzero(np.diff(chance[order]) < 0), len(chance) - 1)
        return cls((material.truth[order] == material.positive).astype(np.int64), material.units.code[order], ends)

    def missed(self, weights: Floats, rates: Floats) -> Floats:
        """Return the false-negative rate at each false-positive rate, (r, b), NaN where a class weighs nothing.

        Args:
            weights: Weights of the units, (G, b).
            rates: (r,).
        """
        of_rows = weights[self.code]
        alarms, found = (
            np.cumsum(of_rows * side[:, None], axis=0)[self.ends] for side in (1 - self.positive, self.positive)
        )
        missed = np.full((len(rates), weights.shape[1]), np.nan)
        for place in np.flatnonzero((alarms[-1] > 0) & (found[-1] > 0)).tolist():
            across, up = alarms[:, place] / alarms[-1, place], found[:, place] / found[-1, place]
            # Of several points above one another the curve's upper one counts: np.interp takes the last of equals.
            missed[:, place] = 1 - np.interp(rates, np.append(0.0, across), np.append(0.0, up))
        return np.asarray(np.clip(missed, 0, 1))


def _bounds(curve: WeightedCurve, material: Material, rates: Floats, values: Floats, how: Resampling) -> list[Bound]:
    """Return low, high and why there are none, of each rate."""
    if not how.replicates:
        return [(None, None, None)] * len(rates)
    if (lone := rests_on_one(material)) is not None:
        return [(None, None, lone)] * len(rates)
    weights = replicate_weights(material.units, material.holding, how.replicates, how.seed)
    drawn = np.hstack([curve.missed(block, rates) for block in weights])
    return share_bounds(values, drawn, material, int(material.holders[material.positive or 0]), how)


def rests_on_one(material: Material) -> str | None:
    """Return why there is no interval where a single unit holds a class; None where two or more do.

    Args:
        material: The rows, with their units.
    """
    fewest = min(int(material.holders.min()), int(material.others.min()))
    return f"it rests on a single {material.units.kind}" if fewest < FEWEST else None


def refuse_without_rates(predictions: Predictions, rates: Sequence[float]) -> None:
    """Refuse what has no rate of false alarms.

    Args:
        predictions: Of one model.
        rates: The rates that are asked for.

    Raises:
        SettingsError: more than two classes, or a rate that is none.
        DataError: no probabilities.
    """
    if not predictions.classes.binary:
        raise SettingsError("A rate of false alarms needs two classes.")
    for rate in rates:
        if not 0 < rate < 1:
            raise SettingsError(f"A rate of false alarms must lie between 0 and 1; got {rate:g}.")
    if not predictions.has_probabilities:
        raise DataError("An equal rate of false alarms needs probabilities; these predictions hold called classes.")


def _refuse_lone_class(material: Material) -> None:
    for name, support in zip(material.classes.names, material.support.tolist(), strict=True):
        if not support:
            raise DataError(
                f"There is no rate of false alarms and of misses: no row here is labelled {name!r}.",
                do="Give labelled rows of both classes.",
            )
