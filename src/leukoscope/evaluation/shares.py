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


def share_bounds(values: Floats, drawn: Floats, material: Material, units: int | Ints, how: Resampling) -> list[Bound]:
    """Return low, high and why there are none, of each share.

    Student's t on the logit scale; where a share is 0 or 1, the exact bound of Clopper & Pearson for units.

    Args:
        values: The shares, (n,), each 0 to 1.
        drawn: The same in each replicate of ``replicate_weights``, (n, b); NaN where one is not defined.
        material: What was resampled.
        units: On how many units each rests, for the exact bound: (n,), or a number for all.
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
    edges = np.broadcast_to(1 - ((1 - how.level) / 2) ** (1 / np.asarray(units)), values.shape)
    return [_bound(*row) for row in zip(values.tolist(), reaches.tolist(), edges.tolist(), strict=True)]


def share_of_rows(part: Ints | Floats, whole: Ints | Floats, material: Material, how: Resampling) -> Score:
    """Return the share of some rows among others, with its interval.

    Args:
        part: Of each unit the rows that are counted, or what they weigh together, (G,).
        whole: Of each unit the rows among which they are, (G,), each at least ``part``.
        material: What is resampled.
        how: How the interval is made.

    Returns:
        The share; None where there are no rows, and no interval where they are of a single unit.
    """
    return shares_of_rows(part[None], whole[None], material, how)[0]


def shares_of_rows(parts: Ints | Floats, wholes: Ints | Floats, material: Material, how: Resampling) -> list[Score]:
    """Return n shares as ``share_of_rows`` does, all from the same replicates, which take most of the time.

    Args:
        parts: As there, (n, G).
        wholes: As there, (n, G).
        material: As there.
        how: As there.
    """
    units = np.count_nonzero(wholes, axis=1)
    several = np.flatnonzero(units >= FEWEST) if how.replicates else np.empty(0, dtype=np.int64)
    bounds = dict[int, Bound]()
    if len(several):
        some, among = parts[several], wholes[several]
        drawn = np.hstack(
            [
                _ratios(some @ weights, among @ weights)
                for weights in replicate_weights(material.units, material.holding, how.replicates, how.seed)
            ]
        )
        values = some.sum(axis=1) / among.sum(axis=1)
        found = share_bounds(values, drawn, material, units[several], how)
        bounds = dict(zip(several.tolist(), found, strict=True))
    alone = f"it rests on a single {material.units.kind}" if how.replicates else None
    return [
        Score(float(part.sum() / whole.sum()), *bounds.get(place, (None, None, alone)))
        if whole.sum()
        else Score(None, reason="there are none to take a share of")
        for place, (part, whole) in enumerate(zip(parts, wholes, strict=True))
    ]


def _ratios(part: Floats, whole: Floats) -> Floats:
    return np.asarray(np.divide(part, whole, out=np.full(part.shape, np.nan), where=whole > 0))


def _slope(value: float) -> float:
    return 0.0 if min(value, 1 - value) < TINY else SHARE.slope(value)


def _bound(value: float, reach: float, edge: float) -> Bound:
    if min(value, 1 - value) < TINY:
        return (0.0, edge, None) if value < TINY else (1 - edge, 1.0, None)
    if reach < TINY:
        return None, None, "every resample gives the same value"
    place = SHARE.place(value)
    return float(SHARE.back(place - reach)), float(SHARE.back(place + reach)), None
