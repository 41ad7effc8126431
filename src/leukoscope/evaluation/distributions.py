"""Distributions kept as quantiles, and how far one has moved from another: what drift is measured by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from leukoscope.errors import DataError
from leukoscope.evaluation.units import Floats

LEVELS: Floats = np.arange(101) / 100
"""The shares at which quantiles are kept."""
DIGITS = 5
BINS = 10
LEAST = 1e-3
"""What an empty bin of the stability index counts as."""
JUDGEMENTS: tuple[tuple[float, str], ...] = (
    (0.1, "alike"),
    (0.25, "a little otherwise"),
    (0.5, "otherwise"),
    (np.inf, "far otherwise"),
)
"""What a distance below each bound is called: conventions, as those of any effect size are."""


@dataclass(frozen=True)
class Distribution:
    """Many values in short.

    Args:
        number: How many values there were.
        mean: Their mean.
        deviation: Their standard deviation.
        quantiles: The quantiles at ``LEVELS``, 101 values that rise.
    """

    number: int
    mean: float
    deviation: float
    quantiles: tuple[float, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the distribution as plain JSON values; the quantiles in one line of text, for whoever reads it."""
        quantiles = " ".join(f"{value:.{DIGITS}g}" for value in self.quantiles)
        return {"number": self.number, "mean": self.mean, "deviation": self.deviation, "quantiles": quantiles}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Distribution:
        """Make a distribution from what ``as_json`` returned.

        Raises:
            DataError: the value is no distribution.
        """
        try:
            found = cls(**dict(value) | {"quantiles": tuple(map(float, value["quantiles"].split()))})
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise DataError(f"This is no distribution: {error}.") from None
        if len(found.quantiles) != len(LEVELS) or np.any(np.diff(found.quantiles) < 0):
            raise DataError(f"This is no distribution: it needs {len(LEVELS)} quantiles that rise.")
        return found


def distribution_of(values: npt.ArrayLike) -> Distribution | None:
    """Return values in short; None where there are none.

    Args:
        values: (n,), NaN where not known, which are left out; kept to five digits.

    Example:
        >>> found = distribution_of([1.0, 2.0, 3.0, float("nan")])
        >>> found.number, found.mean, found.quantiles[50]
        (3, 2.0, 2.0)
    """
    known = np.asarray(values, dtype=np.float64)
    known = known[np.isfinite(known)]
    if not known.size:
        return None
    quantiles = np.quantile(known, LEVELS).tolist()
    kept = [_short(value) for value in (float(known.mean()), float(known.std()), *quantiles)]
    return Distribution(len(known), kept[0], kept[1], tuple(kept[2:]))


def largest_gap(home: Distribution, other: Distribution) -> float:
    """Return the largest gap between two cumulative distributions, 0 (alike) to 1 (apart): Kolmogorov and Smirnov's.

    It is taken of the quantiles, so that it is exact to about 0.01.

    Example:
        >>> low, high = distribution_of([0, 1]), distribution_of([5, 6])
        >>> largest_gap(low, low), largest_gap(low, high)
        (0.0, 1.0)
    """
    one, two = np.asarray(home.quantiles), np.asarray(other.quantiles)
    at = np.union1d(one, two)
    shares = [np.searchsorted(values, at, side="right") / len(values) for values in (one, two)]
    return float(np.abs(shares[0] - shares[1]).max())


def standardised(home: Distribution, other: Distribution) -> float | None:
    """Return how far the other mean is from home's, in their common standard deviation; None where neither varies.

    Austin 2009, Statistics in Medicine 28:3083: beyond 0.1 two groups are usually called unlike.

    Example:
        >>> standardised(distribution_of([0, 2]), distribution_of([1, 3]))
        1.0
    """
    spread = float(np.sqrt((home.deviation**2 + other.deviation**2) / 2))
    return (other.mean - home.mean) / spread if spread > 0 else None


def stability_index(home: Distribution, other: Distribution) -> float:
    """Return the population stability index: how otherwise values fall into the tenths of home's.

    The sum over the bins of (other's share - home's share) ln(other's share / home's share). By custom, below 0.1 is
    taken for stable and above 0.25 for moved. An empty bin counts as one in a thousand.

    Example:
        >>> even = distribution_of(np.linspace(0, 1, 1001))
        >>> stability_index(even, even)
        0.0
    """
    edges = np.unique(np.asarray(home.quantiles)[:: (len(LEVELS) - 1) // BINS][1:-1])
    shares = [
        np.maximum(np.bincount(np.searchsorted(edges, one.quantiles), minlength=len(edges) + 1) / len(LEVELS), LEAST)
        for one in (home, other)
    ]
    return float(((shares[1] - shares[0]) * np.log(shares[1] / shares[0])).sum())


def judged(gap: float) -> str:
    """Return a gap in plain words.

    Example:
        >>> judged(0.04), judged(0.6)
        ('alike', 'far otherwise')
    """
    return next(words for bound, words in JUDGEMENTS if gap < bound)


def _short(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")
