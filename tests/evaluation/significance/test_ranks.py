"""Tests of ranks against scipy's, against every permutation, and what they say of few runs."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from leukoscope.errors import DataError, SettingsError
from leukoscope.evaluation.significance import ALTERNATIVES, Alternative, RankTest, mann_whitney, wilcoxon

EVERY = pytest.mark.parametrize("alternative", ALTERNATIVES)
DISTINCT = st.lists(st.integers(-(10**6), 10**6), min_size=4, max_size=24, unique=True)
TIED = st.lists(st.integers(0, 3), min_size=3, max_size=4)
FEW = settings(max_examples=15, deadline=None)
TESTS = pytest.mark.parametrize("test", [mann_whitney, wilcoxon])


@EVERY
@given(values=DISTINCT, data=st.data())
@FEW
def test_mann_whitney_agrees_with_scipy(alternative: Alternative, values: list[int], data: st.DataObject) -> None:
    number = data.draw(st.integers(1, len(values) - 1))
    found = mann_whitney(values[:number], values[number:], alternative=alternative)
    other = stats.mannwhitneyu(values[:number], values[number:], alternative=alternative, method="exact")
    assert (found.statistic, found.p) == pytest.approx((other.statistic, other.pvalue), abs=1e-9)
    assert found.exact


@EVERY
@given(first=TIED, second=TIED)
@FEW
def test_mann_whitney_with_ties_agrees_with_every_permutation(
    alternative: Alternative, first: list[int], second: list[int]
) -> None:
    other = stats.permutation_test(
        (first, second),
        lambda one, two: stats.mannwhitneyu(one, two, method="asymptotic").statistic,
        alternative=alternative,
        vectorized=False,
        n_resamples=np.inf,
    )
    assert mann_whitney(first, second, alternative=alternative).p == pytest.approx(other.pvalue, abs=1e-9)


@EVERY
@given(values=DISTINCT)
@FEW
def test_wilcoxon_agrees_with_scipy(alternative: Alternative, values: list[int]) -> None:
    half = len(values) // 2
    first, second = np.array(values[:half]), np.array(values[half : 2 * half])
    sizes = np.abs(first - second)
    if len(set(sizes)) < half:  # ties: scipy's exact distribution is not meant for them
        return
    found = wilcoxon(first, second, alternative=alternative)
    other = stats.wilcoxon(first, second, alternative=alternative, method="exact")
    higher = stats.wilcoxon(first, second, alternative="greater", method="exact").statistic
    assert (found.statistic, found.p) == pytest.approx((higher, other.pvalue), abs=1e-9)


@EVERY
@given(pairs=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=2, max_size=8))
@FEW
def test_wilcoxon_with_ties_and_zeros_agrees_with_every_permutation(
    alternative: Alternative, pairs: list[tuple[int, int]]
) -> None:
    first, second = np.array(pairs).T
    if (first == second).all():
        found = wilcoxon(first, second, alternative=alternative)
        assert (found.p, found.effect, found.statistic) == (1, 0, 0)
        return
    other = stats.wilcoxon(first, second, alternative=alternative, method=stats.PermutationMethod(n_resamples=np.inf))
    assert wilcoxon(first, second, alternative=alternative).p == pytest.approx(other.pvalue, abs=1e-9)


@EVERY
@pytest.mark.parametrize("digits", [1, 6])
def test_many_values_agree_with_scipys_normal_distribution(alternative: Alternative, digits: int) -> None:
    random = np.random.default_rng(4)
    first, second = random.normal(0.2, 1, 130).round(digits), random.normal(0, 1, 130).round(digits)
    found = mann_whitney(first, second, alternative=alternative)
    other = stats.mannwhitneyu(first, second, alternative=alternative, method="asymptotic")
    assert found.p == pytest.approx(other.pvalue, abs=1e-9)
    paired = wilcoxon(first, second, alternative=alternative)
    # scipy takes what is left of 0.3 - 0.1 - 0.2 for a difference.
    differences = (first - second).round(9)
    other = stats.wilcoxon(differences, alternative=alternative, method="asymptotic", correction=True)
    assert paired.p == pytest.approx(other.pvalue, abs=1e-9)
    assert not found.exact
    assert not paired.exact


@EVERY
@pytest.mark.parametrize("number", range(1, 8))
def test_the_smallest_p_is_what_a_perfect_difference_gives(alternative: Alternative, number: int) -> None:
    low, high = [*range(number)], [*range(10, 10 + 2 * number, 2)]
    first, second = (low, high) if alternative == "less" else (high, low)
    for test in (mann_whitney, wilcoxon):
        found = test(first, second, alternative=alternative)
        assert found.p == pytest.approx(found.smallest_p, abs=1e-12)


def test_the_smallest_p_of_some_numbers_of_runs() -> None:
    five, two_dozen = np.arange(5.0), np.arange(24.0)
    assert mann_whitney(five, five).smallest_p == pytest.approx(2 / 252)
    assert wilcoxon(five, five).smallest_p == 2 / 32
    assert wilcoxon(five, five, alternative="greater").smallest_p == 1 / 32
    assert mann_whitney(two_dozen, two_dozen, alternative="less").smallest_p == 1 / math.comb(48, 24)
    assert mann_whitney([1], [2]).smallest_p == 1
    assert wilcoxon([1], [2]).smallest_p == 1


@given(first=TIED, second=TIED)
@FEW
def test_superiority_is_the_share_of_pairs_won(first: list[int], second: list[int]) -> None:
    won = np.mean([(one > two) + (one == two) / 2 for one in first for two in second])
    assert mann_whitney(first, second).effect == pytest.approx(won)


def test_the_rank_biserial_is_the_share_of_ranks_for_less_that_against() -> None:
    assert wilcoxon([3, 3, 0], [0, 1, 1]).effect == pytest.approx((3 + 2 - 1) / 6)
    assert wilcoxon([1, 2], [2, 3]).effect == -1


@TESTS
@given(data=st.data())
@FEW
def test_sides_may_be_swapped(test: Callable[..., RankTest], data: st.DataObject) -> None:
    pairs = data.draw(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=8))
    first, second = zip(*pairs, strict=True)
    assert test(first, second).p == pytest.approx(test(second, first).p)
    greater, less = test(first, second, alternative="greater"), test(second, first, alternative="less")
    assert greater.p == pytest.approx(less.p)


@TESTS
def test_what_is_equal_on_paper_is_a_tie(test: Callable[..., RankTest]) -> None:
    exact, added = [3, 6, 9], [3, 6, 9]
    tenths = test([0.1 + 0.2, 0.6, 0.9], [0.3, 0.3 + 0.3, 0.2 + 0.7])
    assert tenths == test(exact, added)
    # 0.9 - 0.8 and 0.8 - 0.7 are the same step, though not in binary.
    assert test([0.9, 0.8, 0.5], [0.8, 0.7, 0.7]) == test([9, 8, 5], [8, 7, 7])


def test_a_table_of_the_books() -> None:
    """Darwin's fifteen pairs of maize, crossed and self-fertilised, as R's wilcox.test gives them: V = 96."""
    crossed = [188, 96, 168, 176, 153, 172, 177, 163, 146, 173, 186, 168, 177, 184, 96]
    selfed = [139, 163, 160, 160, 147, 149, 149, 122, 132, 144, 130, 144, 102, 124, 144]
    found = wilcoxon(crossed, selfed)
    assert found.statistic == 96
    assert found.p == pytest.approx(0.0412598, abs=1e-6)


@TESTS
def test_what_cannot_be_ranked_is_refused(test: Callable[..., RankTest]) -> None:
    with pytest.raises(DataError) as caught:
        test([0.5, 0.6], [])
    assert str(caught.value) == "The second side has no values.\n  what to do: Give one number for each run."
    with pytest.raises(DataError) as caught:
        test([0.5, math.nan, math.inf], [1, 2, 3])
    assert str(caught.value) == (
        "A value of the first side is nan.\n"
        "  where: value 2 of 3 (and 1 more)\n"
        "  what to do: Give one number for each run."
    )
    with pytest.raises(SettingsError, match="A test cannot be asked for the alternative 'bigger'"):
        test([1], [2], alternative="bigger")


def test_unequal_sides_are_no_pairs() -> None:
    with pytest.raises(DataError) as caught:
        wilcoxon([0.5], [0.4, 0.3])
    assert str(caught.value) == (
        "The first side has 1 value and the second 2: they are no pairs.\n"
        "  what to do: Give both sides the same seeds, or compare them unpaired (Mann-Whitney)."
    )
