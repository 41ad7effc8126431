"""Two models at an equal rate of false alarms: does one miss less, or is it chance?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from leukoscope.evaluation.evaluate import material_of
from leukoscope.evaluation.missed_at import RATES, WeightedCurve, refuse_without_rates, rests_on_one
from leukoscope.evaluation.paired import aligned, interval_of
from leukoscope.evaluation.resampling import replicate_weights
from leukoscope.evaluation.scoring import Resampling
from leukoscope.evaluation.units import Floats
from leukoscope.predictions.table import Predictions


@dataclass(frozen=True)
class MissedLess:
    """How much more of the positive class the first of two models misses than the second; below 0 it misses less.

    Args:
        false_positive_rate: The rate of false alarms of both, between 0 and 1.
        first: The false-negative rate of the first.
        second: That of the second.
        difference: First less second, -1 to 1.
        low: The interval's lower bound; None where there is no interval.
        high: Its upper bound.
        p: The two-sided probability of a difference at least as far from 0 where both miss equally much.
        unit: What was resampled: ``linked group of patients``, ``patient`` or ``cell``.
        clusters: How many of these there are.
        reason: Why there is no interval; None where there is one.
    """

    false_positive_rate: float
    first: float
    second: float
    difference: float
    low: float | None
    high: float | None
    p: float | None
    unit: str
    clusters: int
    reason: str | None = None


def compare_missed(
    first: Predictions,
    second: Predictions,
    rates: Sequence[float] = RATES,
    *,
    level: float = 0.95,
    replicates: int = 2000,
    seed: int = 0,
) -> tuple[MissedLess, ...]:
    """Compare what two models miss at the same rates of false alarms, on the same labelled rows.

    Each one's rate is that of ``missed_at``. Each replicate draws linked groups of patients (else patients, else cells)
    within their class, the same ones for both models, and reads both off the curves of that replicate; interval and p
    come from the differences as those of ``compare_pair`` do, with no threshold of either model. Where one misses
    nothing or all in every replicate, the interval knows the other's variation alone, and is too narrow.

    Args:
        first: The first model's labelled predictions of two classes, with probabilities.
        second: The second's, of the same rows in any order.
        rates: The rates of false alarms, each between 0 and 1.
        level: The coverage that the intervals aim at, between 0 and 1.
        replicates: How many resamples, 100 or more.
        seed: The seed of the resamples.

    Raises:
        SettingsError: more than two classes, or a rate that is none.
        DataError: other rows, labels, patients or classes; no probabilities; a class without a labelled row.
    """
    for side in (first, second):
        refuse_without_rates(side, rates)
    how, wanted = Resampling(level, replicates, seed), np.asarray(rates, dtype=np.float64)
    materials = [material_of(side) for side in aligned(first, second)]
    curves, units = [WeightedCurve.of(material) for material in materials], materials[0].units
    values = [curve.missed(np.ones((units.number, 1)), wanted)[:, 0] for curve in curves]
    lone = rests_on_one(materials[0])
    drawn = None if lone else _drawn(curves, replicate_weights(units, materials[0].holding, replicates, seed), wanted)
    found = []
    for place, (rate, one, other) in enumerate(zip(rates, *(value.tolist() for value in values), strict=True)):
        low, high, p = None, None, None
        if drawn is not None:
            low, high, p = interval_of(drawn[place], one - other, materials[0], how, most=1.0)
        reason = lone or ("every resample gives the same difference" if low is None else None)
        found.append(MissedLess(rate, one, other, one - other, low, high, p, units.kind, units.number, reason))
    return tuple(found)


def _drawn(curves: Sequence[WeightedCurve], weights: Iterable[Floats], rates: Floats) -> Floats:
    """Return the difference at each rate in each replicate, (r, b)."""
    blocks = []
    for block in weights:
        one, other = (curve.missed(block, rates) for curve in curves)
        blocks.append(one - other)
    return np.hstack(blocks)
