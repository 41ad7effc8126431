"""Two ways of training, several seeds each: do the scores of one come out higher than chance would put them?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.stats import rankdata

from leukoscope.errors import DataError, counted
from leukoscope.evaluation.significance.alternatives import Alternative, check_alternative, p_of_tails, sidedness
from leukoscope.evaluation.significance.rank_tails import EXACT_UP_TO, rank_sum_tails, signed_rank_tails
from leukoscope.evaluation.units import Floats

DIGITS = 12
GIVE = "Give one number for each run."


@dataclass(frozen=True)
class RankTest:
    """A test of ranks over two sides' values.

    Args:
        test: ``mann_whitney`` or ``wilcoxon``.
        statistic: Mann-Whitney's U of the first side (the pairs of values in which it is higher, ties being half);
            Wilcoxon's sum of the ranks of the pairs in which the first is higher.
        p: The probability of a statistic at least as far out where there is no difference, 0 to 1.
        alternative: The question: ``two-sided``, ``greater`` (the first is higher) or ``less``.
        effect: Mann-Whitney: the probability of superiority, P(first > second) + P(tie) / 2, 0 to 1, where 0.5 is no
            difference. Wilcoxon: the matched-pairs rank-biserial correlation (Kerby 2014, Comprehensive Psychology
            3:11.IT.3.1), -1 to 1, where 0 is no difference.
        first_number: How many values the first side has.
        second_number: How many the second has; the same pairs where the test is ``wilcoxon``.
        smallest_p: The smallest p that so many values can reach: no value can give a smaller one, however large the
            difference.
        exact: Whether all orders were counted; else p is that of a normal distribution with ties allowed for.
    """

    test: Literal["mann_whitney", "wilcoxon"]
    statistic: float
    p: float
    alternative: Alternative
    effect: float
    first_number: int
    second_number: int
    smallest_p: float
    exact: bool


def mann_whitney(
    first: Sequence[float] | Floats, second: Sequence[float] | Floats, *, alternative: Alternative = "two-sided"
) -> RankTest:
    """Ask whether the values of one side are higher than those of another, which are not paired.

    Mann & Whitney (1947, Annals of Mathematical Statistics 18:50). Up to 100 values p is exact, with ties too: it is
    counted over all ways to deal these very values to the two sides. Values equal to twelve digits are ties, since the
    same score added up in another order differs in the sixteenth.

    Args:
        first: The first side's scores, one a run, (n,), any unit.
        second: The second side's, (m,).
        alternative: ``two-sided``, ``greater`` (the first is higher) or ``less``.

    Returns:
        The test; its smallest p is 2 / C(n + m, n) two-sided, half of that one-sided.

    Raises:
        DataError: a side without values, or a value that is no number.
        SettingsError: an unknown alternative.

    Example:
        >>> found = mann_whitney([0.90, 0.91, 0.93], [0.88, 0.89, 0.87], alternative="greater")
        >>> found.statistic, found.p, found.smallest_p, found.effect
        (9.0, 0.05, 0.05, 1.0)
    """
    check_alternative(alternative)
    one, other = _values(first, second)
    ranks = rankdata(_settled(np.concatenate([one, other]), one, other))
    n, m = len(one), len(other)
    wins = float(ranks[:n].sum()) - n * (n + 1) / 2
    return RankTest(
        test="mann_whitney",
        statistic=wins,
        p=p_of_tails(*rank_sum_tails(ranks, n), alternative),
        alternative=alternative,
        effect=wins / (n * m),
        first_number=n,
        second_number=m,
        smallest_p=sidedness(alternative) / math.comb(n + m, n),
        exact=n + m <= EXACT_UP_TO,
    )


def wilcoxon(
    first: Sequence[float] | Floats, second: Sequence[float] | Floats, *, alternative: Alternative = "two-sided"
) -> RankTest:
    """Ask whether the values of one side are higher than those of another, pair by pair.

    Wilcoxon (1945, Biometrics Bulletin 1:80): the signed-rank test. Up to 100 pairs p is exact, with ties too: it is
    counted over all ways to swap the two values of each pair. Pairs without a difference are left out, as Wilcoxon did;
    differences equal to twelve digits of the values are ties.

    Args:
        first: The first side's scores, one a pair (a seed that both sides share), (n,), any unit.
        second: The second side's, (n,), in the same order.
        alternative: ``two-sided``, ``greater`` (the first is higher) or ``less``.

    Returns:
        The test; its smallest p is 2 / 2^n two-sided, half of that one-sided, n being all pairs. Where no pair differs
        p is 1 and the effect 0.

    Raises:
        DataError: sides of unequal length, sides without values, or a value that is no number.
        SettingsError: an unknown alternative.

    Example:
        >>> found = wilcoxon([0.90, 0.91, 0.93, 0.92], [0.88, 0.90, 0.87, 0.89])
        >>> found.statistic, found.p, found.smallest_p, found.effect
        (10.0, 0.125, 0.125, 1.0)
    """
    check_alternative(alternative)
    one, other = _values(first, second)
    _refuse_unpaired(one, other)
    differences = _settled(one - other, one, other)
    differences = differences[differences != 0]
    ranks, positive = rankdata(np.abs(differences)), (differences > 0).astype(np.float64)
    higher, total = float(ranks @ positive), float(ranks.sum())
    return RankTest(
        test="wilcoxon",
        statistic=higher,
        p=p_of_tails(*signed_rank_tails(ranks, positive), alternative),
        alternative=alternative,
        effect=(2 * higher - total) / total if total else 0.0,
        first_number=len(one),
        second_number=len(other),
        smallest_p=sidedness(alternative) / 2 ** len(one),
        exact=len(ranks) <= EXACT_UP_TO,
    )


def _values(first: Sequence[float] | Floats, second: Sequence[float] | Floats) -> tuple[Floats, Floats]:
    sides = [np.asarray(side, dtype=np.float64).reshape(-1) for side in (first, second)]
    for side, name in zip(sides, ("first", "second"), strict=True):
        if not len(side):
            raise DataError(f"The {name} side has no values.", do=GIVE)
        wrong = np.flatnonzero(~np.isfinite(side))
        if len(wrong):
            raise DataError(
                f"A value of the {name} side is {side[wrong[0]]}.",
                where=f"value {wrong[0] + 1} of {len(side)}",
                more=len(wrong) - 1,
                do=GIVE,
            )
    return sides[0], sides[1]


def _refuse_unpaired(one: Floats, other: Floats) -> None:
    if len(one) != len(other):
        raise DataError(
            f"The first side has {counted(len(one), 'value')} and the second {len(other):,}: they are no pairs.",
            do="Give both sides the same seeds, or compare them unpaired (Mann-Whitney).",
        )


def _settled(values: Floats, *sides: Floats) -> Floats:
    """Return values to twelve digits of the largest score, so that what is equal on paper is a tie."""
    scale = max(float(np.abs(side).max()) for side in sides) or 1.0
    return np.round(values / scale, DIGITS)
