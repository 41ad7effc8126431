"""Intervals of scores, from the way they vary when whole units are drawn anew.

An interval is score +- t s on the logit scale of the score's range (log for the log-loss). s is the standard deviation
of the resamples there, or, where that is larger, the one on the score's own scale carried over by the slope (near a
bound some resamples reach it, and their place on the line is a convention). t is Student's quantile with effective
degrees of freedom (``spread.py``).

Measured coverage of nominal 95 % intervals, over accuracy, balanced accuracy, sensitivity, specificity, precision, F1,
MCC, Brier score, log-loss, ROC and PR AUC, in drawn cohorts of 12 to 50 patients whose numbers of cells vary by a
factor of e^0.3 to e^0.8 and whose cells share an effect on the logit (1,000 cohorts a setting; 300 for percentiles and
BCa):

============================================  ==============
this interval                                 93 to 98 %
percentiles of the same resamples             80 to 92 %
BCa with the jackknife's acceleration         88 to 91 %
percentiles, cells drawn instead of patients  24 to 35 %
this interval, cells drawn                    34 to 61 %
============================================  ==============

``tests/evaluation/test_coverage.py`` repeats the measurement. The calibration error of a sample is biased upwards
(a perfectly calibrated model does not score 0), and more so in a resample; its interval is
[ECE - bias - t s, ECE + t s], cut at 0 and 1, the bias being that of perfect calibration: it covers 97 % or more.
"""

from __future__ import annotations

from dataclasses import dataclass

from scipy import stats

from leukoscope.evaluation.names import POOLED, PROBABILISTIC, RANKED, Key, value_range
from leukoscope.evaluation.spread import ECE, Spread, scale_of, spreads
from leukoscope.evaluation.tallies import Material, Tallies

UNDEFINED_SHARE = 0.05
LONELY_SHARE = 0.05
TINY = 1e-9


@dataclass(frozen=True)
class Bounds:
    """An interval, or why there is none.

    Args:
        low: The lower bound; None where there is no interval.
        high: The upper bound.
        reason: Why there is none.
    """

    low: float | None = None
    high: float | None = None
    reason: str | None = None


def intervals(
    tallies: Tallies, values: dict[Key, float], *, level: float, replicates: int, seed: int
) -> dict[Key, Bounds]:
    """Return the interval of every score.

    Args:
        tallies: What the scores are made from.
        values: The scores, all of them defined.
        level: The coverage aimed at, 0 to 1.
        replicates: Resamples; 0 for no intervals.
        seed: The seed of the resamples.
    """
    if replicates == 0:
        return dict.fromkeys(values, Bounds())
    material = tallies.material
    known = {key: number for key in values if (number := evidence(key, material)) > 1}
    lonely = Bounds(reason=f"it rests on a single {material.units.kind}")
    found = spreads(tallies, list(known), replicates=replicates, seed=seed) if known else {}
    return {
        key: _bounds(key, value, found[key], known[key], level, binary=material.classes.binary)
        if key in known
        else lonely
        for key, value in values.items()
    }


def evidence(key: Key, material: Material) -> int:
    """Return how many units a score rests on: those of its class, or of the rarest class that it averages over.

    Scores that pool all cells, the accuracy of a class among them, rest on all units; but where more than a twentieth
    of the cells are of classes that a single unit holds, nothing is known of how those vary, and the answer is 1.
    """
    name, score = key
    if score in POOLED or score.startswith("weighted_"):
        lonely = material.support[material.holders == 1].sum() / material.support.sum()
        return 1 if lonely > LONELY_SHARE else material.units.number
    if name is not None:
        index = material.classes.index(name)
        held, others = int(material.holders[index]), int(material.others[index])
        return others if score == "specificity" else min(held, others) if score in RANKED else held
    if score in ("sensitivity", "specificity") and material.positive is not None:
        return int((material.holders if score == "sensitivity" else material.others)[material.positive])
    return int(material.holders[material.support > 0].min())


def _bounds(key: Key, value: float, spread: Spread, units: int, level: float, *, binary: bool) -> Bounds:
    if spread.undefined > UNDEFINED_SHARE:
        return Bounds(reason=f"not defined in {100 * spread.undefined:.0f} % of the resamples")
    low, high = value_range(key[1], binary=binary)
    if key[1] not in PROBABILISTIC and min(value - low, high - value) < TINY:
        return _at_the_edge(value, low, high, units, level)
    if spread.plain < TINY:
        return Bounds(reason="every resample gives the same value")
    quantile = float(stats.t.ppf((1 + level) / 2, spread.freedom))
    if key == ECE:
        reach = quantile * spread.plain
        return Bounds(max(value - spread.bias - reach, 0.0), min(value + reach, 1.0))
    scale = scale_of(key, binary=binary)
    place, reach = scale.place(value), quantile * max(spread.line, spread.plain * scale.slope(value))
    return Bounds(float(scale.back(place - reach)), float(scale.back(place + reach)))


def _at_the_edge(value: float, low: float, high: float, units: int, level: float) -> Bounds:
    # Resamples of faultless units are faultless. But had more than a share q of all units a fault, so many without one
    # would be met with a probability of less than (1 - q)^units: the exact bound of Clopper & Pearson for units.
    kept = (high - low) * ((1 - level) / 2) ** (1 / units)
    return Bounds(low + kept, high) if high - value < TINY else Bounds(low, high - kept)
