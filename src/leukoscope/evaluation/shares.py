"""Intervals of shares of rows, from the way they vary when whole units are drawn anew."""

from __future__ import annotations

import numpy as np
from scipy import stats

from leukoscope.evaluation.resampling import replicate_weights
from leukoscope.evaluation.scales import Scale
from leukoscope.evaluation.scores import Score
from leukoscope.evaluation.scoring import Resampling
from leukoscope.evaluation.spread import freedom_of
from leukoscope.evaluation.tallies import Material
from leukoscope.evaluation.units import Floats, Ints

TINY = 1e-9
SHARE = Scale(0.0, 1.0)
FEWEST = 2
Bound = tuple[float | None, float | None, str | None]


def share_bounds(values: Floats, drawn: Floats, material: Material, units: int, how: Resampling) -> list[Bound]:
    """Return low, high and why there are none, of each share.

    Student's t on the logit scale; where a share is 0 or 1, the exact bound of Clopper & Pearson for units.

    Args:
        values: The shares, (n,), each 0 to 1.
        drawn: The same in each replicate of ``replicate_weights``, (n, b); NaN where one is not defined.
        material: What was resampled.
        units: On how many units each rests, for the exact bound.
        how: How the replicates were made.
    """
    line = np.stack([SHARE.line(row) for row in drawn])
    centred = np.nan_to_num(line - np.nanmean(line, axis=1, keepdims=True))
    freedom = freedom_of(material, centred, centred.var(axis=1, ddof=1), how.seed)
    quantiles = stats.t.ppf((1 + how.level) / 2, freedom)
    reaches = quantiles * np.maximum(
        centred.std(axis=1, ddof=1), np.nanstd(drawn, axis=1, ddof=1) * [_slope(value) for value in values]
    )
    # Had more than a share q of all units one, so many without any would be met less often than (1 - q)^units.
    edge = 1 - ((1 - how.level) / 2) ** (1 / units)
    return [_bound(value, reach, edge) for value, reach in zip(values.tolist(), reaches.tolist(), strict=True)]


def share_of_rows(part: Ints, whole: Ints, material: Material, how: Resampling) -> Score:
    """Return the share of some rows among others, with its interval.

    Args:
        part: Of each unit the rows that are counted, (G,).
        whole: Of each unit the rows among which they are, (G,), each at least ``part``.
        material: What is resampled.
        how: How the interval is made.

    Returns:
        The share; None where there are no rows, and no interval where they are of a single unit.
    """
    if not whole.sum():
        return Score(None, reason="there are none to take a share of")
    value = float(part.sum() / whole.sum())
    units = int(np.count_nonzero(whole))
    if not how.replicates:
        return Score(value)
    if units < FEWEST:
        return Score(value, reason=f"it rests on a single {material.units.kind}")
    blocks = []
    for weights in replicate_weights(material.units, material.holding, how.replicates, how.seed):
        asked = whole @ weights
        blocks.append(np.divide(part @ weights, asked, out=np.full(len(asked), np.nan), where=asked > 0))
    (bound,) = share_bounds(np.array([value]), np.concatenate(blocks)[None], material, units, how)
    return Score(value, *bound)


def _slope(value: float) -> float:
    return 0.0 if min(value, 1 - value) < TINY else SHARE.slope(value)


def _bound(value: float, reach: float, edge: float) -> Bound:
    if min(value, 1 - value) < TINY:
        return (0.0, edge, None) if value < TINY else (1 - edge, 1.0, None)
    if reach < TINY:
        return None, None, "every resample gives the same value"
    place = SHARE.place(value)
    return float(SHARE.back(place - reach)), float(SHARE.back(place + reach)), None
