"""Two ways of training on the same folds: is one better than chance would make it?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from leukoscope.errors import DataError, SettingsError
from leukoscope.evaluation.significance.alternatives import Alternative, check_alternative, p_of_tails

TINY = 1e-12
FEWEST = 2


@dataclass(frozen=True)
class CorrectedT:
    """A score of two ways of training on the same folds, and their difference.

    Args:
        first: The first way's mean over the folds.
        second: The second's.
        difference: First less second.
        statistic: Student's t; None where every fold gives the same difference.
        low: The interval's lower bound; None likewise.
        high: Its upper bound; None likewise.
        p: The probability of a difference at least as far out where both ways are equally good; where every fold gives
            the same difference 1 if that is 0, else None.
        alternative: The question: ``two-sided``, ``greater`` (the first is higher) or ``less``.
        level: The coverage that the interval aims at; it has two sides whatever the question.
        pairs: How many folds there are, over all seeds.
    """

    first: float
    second: float
    difference: float
    statistic: float | None
    low: float | None
    high: float | None
    p: float | None
    alternative: Alternative
    level: float
    pairs: int


def corrected_t(
    first: Sequence[float],
    second: Sequence[float],
    *,
    folds: int,
    alternative: Alternative = "two-sided",
    level: float = 0.95,
) -> CorrectedT:
    """Compare two ways of training by their scores on the same folds.

    Nadeau & Bengio (2003, Machine Learning 52:239): the folds' training parts overlap, so that the variance of the mean
    difference is not s^2 / n but s^2 (1 / n + the ratio of test part to training part), here 1 / (folds - 1); Student's
    t with n - 1 degrees of freedom. For several divisions n counts the folds of all (Bouckaert & Frank 2004).

    Args:
        first: The first way's score on each fold, (n,), two or more.
        second: The second's, (n,), in the same order.
        folds: Into how many folds each division deals the cells, two or more.
        alternative: ``two-sided``, ``greater`` (the first is higher) or ``less``.
        level: The coverage that the interval aims at, between 0 and 1.

    Raises:
        DataError: unequal numbers of scores, or fewer than two.
        SettingsError: an unknown alternative, fewer than two folds, or a level that is none.

    Example:
        >>> found = corrected_t([0.84, 0.80, 0.88, 0.79, 0.86], [0.80, 0.79, 0.83, 0.78, 0.81], folds=5)
        >>> print(f"{found.difference:+.3f} ({found.low:+.3f} to {found.high:+.3f}), p = {found.p:.3f}")
        +0.032 (-0.006 to +0.070), p = 0.080
    """
    check_alternative(alternative)
    if not 0 < level < 1:
        raise SettingsError(f"The level of an interval is {level}.", do="Give a share between 0 and 1, such as 0.95.")
    if folds < FEWEST:
        raise SettingsError(f"Cross-validation needs two folds or more; got {folds}.")
    if len(first) != len(second) or len(first) < FEWEST:
        what = f"Scores of both ways on two folds or more are needed; got {len(first)} and {len(second)}."
        raise DataError(what, do="Give one score of each way for each fold, in the same order.")
    apart = np.asarray(first, dtype=np.float64) - np.asarray(second, dtype=np.float64)
    number, mean = len(apart), float(apart.mean())
    spread = float(apart.std(ddof=1)) * math.sqrt(1 / number + 1 / (folds - 1))
    statistic, low, high, p = _inference(mean, spread, number - 1, alternative, level)
    means = float(np.mean(first)), float(np.mean(second))
    return CorrectedT(*means, mean, statistic, low, high, p, alternative, level, number)


def _inference(
    mean: float, spread: float, freedom: int, alternative: Alternative, level: float
) -> tuple[float | None, float | None, float | None, float | None]:
    if spread < TINY:
        return None, None, None, 1.0 if abs(mean) < TINY else None
    statistic, reach = mean / spread, float(stats.t.ppf((1 + level) / 2, freedom)) * spread
    p = p_of_tails(float(stats.t.cdf(statistic, freedom)), float(stats.t.sf(statistic, freedom)), alternative)
    return statistic, mean - reach, mean + reach, p
