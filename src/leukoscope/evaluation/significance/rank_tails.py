"""How far out a sum of ranks lies among all the sums that chance could have made of the same values, ties included."""

from __future__ import annotations

import numpy as np
from scipy import stats

from leukoscope.evaluation.units import Floats, Ints

EXACT_UP_TO = 100
"""Values up to which every order is counted; 50 against 50 take 0.04 s."""
TINY = 1e-12


def rank_sum_tails(ranks: Floats, number: int) -> tuple[float, float]:
    """Return both tails of the sum of the first ``number`` ranks, among all choices of so many of them.

    Args:
        ranks: Ranks of all values, ties sharing their mean, (N,), those of the first side first.
        number: How many values the first side has, 1 to N - 1.

    Returns:
        The probabilities of this sum or a lower one, and of this sum or a higher one: exact up to
        :data:`EXACT_UP_TO` values (the shift algorithm of Streitberg & Röhmel 1986, Statistical Software Newsletter
        12:10), else normal with the variance of these ranks, ties included, and half a rank taken off for continuity.

    Example:
        >>> [round(20 * tail) for tail in rank_sum_tails(np.array([4.0, 5, 6, 1, 2, 3]), 3)]
        [20, 1]
    """
    total = len(ranks)
    if total > EXACT_UP_TO:
        centred = ranks - ranks.mean()
        variance = number * (total - number) / (total * (total - 1)) * (centred**2).sum()
        return _normal_tails(float(centred[:number].sum()), float(np.sqrt(variance)))
    doubled = _doubled(ranks)
    ways = np.zeros((number + 1, int(doubled.sum()) + 1))
    ways[0, 0] = 1
    for rank in doubled:
        ways[1:, rank:] += ways[:-1, :-rank]
    return _counted_tails(ways[number], int(doubled[:number].sum()))


def signed_rank_tails(ranks: Floats, positive: Floats) -> tuple[float, float]:
    """Return both tails of the sum of the ranks of positive differences, among all choices of signs.

    Args:
        ranks: Ranks of the differences' sizes, ties sharing their mean, (n,), without differences of 0.
        positive: 1 where the difference is positive, else 0, (n,).

    Returns:
        As :func:`rank_sum_tails`; both are 1 where there is no rank at all.
    """
    if len(ranks) > EXACT_UP_TO:
        return _normal_tails(float(((positive - 0.5) * ranks).sum()), float(np.sqrt((ranks**2).sum() / 4)))
    doubled = _doubled(ranks)
    ways = np.zeros(int(doubled.sum()) + 1)
    ways[0] = 1
    for rank in doubled:
        ways[rank:] += ways[:-rank]
    return _counted_tails(ways, int(doubled @ positive))


def _doubled(ranks: Floats) -> Ints:
    """Ties give half ranks; twice a rank is a whole number, 2 or more."""
    return np.rint(2 * ranks).astype(np.int64)


def _counted_tails(ways: Floats, found: int) -> tuple[float, float]:
    total = ways.sum()
    return float(ways[: found + 1].sum() / total), float(ways[found:].sum() / total)


def _normal_tails(distance: float, spread: float) -> tuple[float, float]:
    if spread < TINY:
        return 1.0, 1.0
    return float(stats.norm.cdf((distance + 0.5) / spread)), float(stats.norm.sf((distance - 0.5) / spread))
