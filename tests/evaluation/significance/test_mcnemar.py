from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.contingency_tables import mcnemar as of_statsmodels

from leukoscope.errors import DataError, SettingsError
from leukoscope.evaluation.significance import ALTERNATIVES, Alternative, McNemar, mcnemar

COUNT = st.integers(0, 40)


def of_counts(both: int, first: int, second: int, neither: int, alternative: Alternative = "two-sided") -> McNemar:
    one = [True] * (both + first) + [False] * (second + neither)
    other = [True] * both + [False] * first + [True] * second + [False] * neither
    return mcnemar(one, other, alternative=alternative)


@given(both=st.integers(1, 40), first=COUNT, second=COUNT, neither=COUNT)
@settings(max_examples=40, deadline=None)
def test_it_agrees_with_statsmodels(both: int, first: int, second: int, neither: int) -> None:
    found = of_counts(both, first, second, neither)
    assert (found.both, found.first_only, found.second_only, found.neither) == (both, first, second, neither)
    assert found.p == pytest.approx(of_statsmodels([[both, first], [second, neither]], exact=True).pvalue, abs=1e-9)
    assert found.number == both + first + second + neither
    assert found.differing == first + second
    assert found.difference == pytest.approx((first - second) / found.number)


@pytest.mark.parametrize("alternative", ALTERNATIVES)
@pytest.mark.parametrize(("first", "second"), [(5, 1), (0, 4), (3, 3), (0, 0)])
def test_it_agrees_with_every_way_the_rows_could_fall(alternative: Alternative, first: int, second: int) -> None:
    falls = [sum(fall) for fall in product([0, 1], repeat=first + second)]
    lower, upper = np.mean([one <= first for one in falls]), np.mean([one >= first for one in falls])
    expected = {"less": lower, "greater": upper, "two-sided": min(1, 2 * lower, 2 * upper)}[alternative]
    assert of_counts(2, first, second, 1, alternative).p == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("alternative", ALTERNATIVES)
@pytest.mark.parametrize("differing", range(6))
def test_the_smallest_p_is_that_of_rows_all_on_one_side(alternative: Alternative, differing: int) -> None:
    first, second = (0, differing) if alternative == "less" else (differing, 0)
    found = of_counts(3, first, second, 2, alternative)
    assert found.p == pytest.approx(found.smallest_p, abs=1e-12)


def test_rows_on_which_both_agree_change_nothing_but_the_share() -> None:
    few, many = of_counts(1, 6, 2, 1), of_counts(100, 6, 2, 92)
    assert few.p == many.p
    assert (few.difference, many.difference) == (0.4, 0.02)


def test_what_cannot_be_compared_is_refused() -> None:
    same = "\n  what to do: Give one true or false for each patient, in the same order for both models."
    with pytest.raises(DataError) as caught:
        mcnemar([True], [True, False])
    assert str(caught.value) == f"The first model has 1 row and the second 2: they cannot be compared.{same}"
    with pytest.raises(DataError, match="The first model has 0 rows and the second 0"):
        mcnemar([], [])
    with pytest.raises(DataError) as caught:
        mcnemar([True, False], np.array([0.3, 0.9]))  # type: ignore[arg-type]
    assert str(caught.value) == f"The second model's rows must each be right or wrong, true or false.{same}"
    with pytest.raises(SettingsError, match="Did you mean 'less'"):
        mcnemar([True], [True], alternative="lesser")  # type: ignore[arg-type]
