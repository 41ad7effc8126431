from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leukoscope.evaluation.gap import Measured, difference

SHARES = st.floats(0, 1)


@given(st.tuples(SHARES, SHARES, SHARES).map(sorted), st.tuples(SHARES, SHARES, SHARES).map(sorted))
def test_the_interval_holds_the_difference_and_turns_with_it(first: list[float], second: list[float]) -> None:
    one, other = Measured(first[1], first[0], first[2]), Measured(second[1], second[0], second[2])
    found, turned = difference(one, other), difference(other, one)
    assert found.low is not None
    assert found.high is not None
    assert found.low <= found.value <= found.high
    assert (turned.value, turned.low, turned.high) == pytest.approx((-found.value, -found.high, -found.low))


def test_a_score_known_exactly_leaves_the_other_ones_interval() -> None:
    found = difference(Measured(0.9, 0.8, 0.95), Measured(0.5, 0.5, 0.5))
    assert (found.value, found.low, found.high) == pytest.approx((0.4, 0.3, 0.45))


def test_two_equal_errors_add_as_squares() -> None:
    # Two normal intervals of half-width 0.03 and 0.04: theirs has 0.05.
    found = difference(Measured(0.8, 0.77, 0.83), Measured(0.6, 0.56, 0.64))
    assert (found.low, found.high) == pytest.approx((0.15, 0.25))


def test_without_an_interval_there_is_none_of_the_difference() -> None:
    assert difference(Measured(0.9, 0.8, 0.95), Measured(0.7)) == Measured(pytest.approx(0.2))
