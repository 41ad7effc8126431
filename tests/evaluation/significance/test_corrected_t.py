from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from leukoscope.errors import DataError, SettingsError
from leukoscope.evaluation.significance import ALTERNATIVES, Alternative, corrected_t

SCORES = st.lists(st.floats(0, 1), min_size=2, max_size=12)


@given(first=SCORES, seed=st.integers(0, 99))
@settings(max_examples=30, deadline=None)
def test_of_endlessly_many_folds_it_is_the_paired_t_test(first: list[float], seed: int) -> None:
    second = np.random.default_rng(seed).uniform(size=len(first))
    for alternative in ALTERNATIVES:
        found = corrected_t(first, second, folds=10**12, alternative=alternative)  # type: ignore[arg-type]
        expected = stats.ttest_rel(first, second, alternative=alternative)
        assert (found.statistic, found.p) == (pytest.approx(expected.statistic), pytest.approx(expected.pvalue))
    both = corrected_t(first, second, folds=10**12)
    bounds = stats.ttest_rel(first, second).confidence_interval()
    assert (both.low, both.high) == (pytest.approx(bounds.low), pytest.approx(bounds.high))


@pytest.mark.parametrize("alternative", ALTERNATIVES)
def test_the_variance_is_larger_by_what_folds_share(alternative: Alternative) -> None:
    first, second = [0.84, 0.80, 0.88, 0.79, 0.86], [0.80, 0.79, 0.83, 0.78, 0.81]
    plain = stats.ttest_rel(first, second)
    found = corrected_t(first, second, folds=5, alternative=alternative)
    assert found.statistic == pytest.approx(plain.statistic / np.sqrt((1 / 5 + 1 / 4) * 5))
    tails = {"less": stats.t.cdf, "greater": stats.t.sf, "two-sided": lambda t, n: 2 * stats.t.sf(abs(t), n)}
    assert found.p == pytest.approx(tails[alternative](found.statistic, 4))
    assert (found.first, found.second, found.pairs) == (pytest.approx(0.834), pytest.approx(0.802), 5)


def test_without_any_spread_there_is_no_p_unless_nothing_differs() -> None:
    assert (corrected_t([0.5, 0.5], [0.25, 0.25], folds=2).p, corrected_t([0.5, 0.7], [0.5, 0.7], folds=2).p) == (
        None,
        1,
    )


def test_what_cannot_be_tested_is_refused() -> None:
    with pytest.raises(DataError) as caught:
        corrected_t([0.5], [0.5], folds=5)
    assert str(caught.value) == (
        "Scores of both ways on two folds or more are needed; got 1 and 1.\n"
        "  what to do: Give one score of each way for each fold, in the same order."
    )
    with pytest.raises(SettingsError, match="Cross-validation needs two folds or more; got 1"):
        corrected_t([0.5, 0.6], [0.5, 0.6], folds=1)
    with pytest.raises(SettingsError, match=r"The level of an interval is 95\."):
        corrected_t([0.5, 0.6], [0.5, 0.6], folds=5, level=95)
