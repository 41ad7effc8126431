from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leukoscope.errors import SettingsError
from leukoscope.evaluation.significance.alternatives import ALTERNATIVES, check_alternative, p_of_tails, sidedness


def test_each_alternative_is_known_and_a_wrong_one_gets_the_nearest() -> None:
    for alternative in ALTERNATIVES:
        check_alternative(alternative)
    with pytest.raises(SettingsError) as caught:
        check_alternative("two-side")
    assert str(caught.value) == (
        "A test cannot be asked for the alternative 'two-side'.\n"
        "  what to do: Did you mean 'two-sided'? Known: greater, less, two-sided."
    )


@given(lower=st.floats(0, 1), upper=st.floats(0, 1))
@settings(max_examples=40, deadline=None)
def test_two_sides_double_the_smaller_tail_and_stay_a_probability(lower: float, upper: float) -> None:
    assert p_of_tails(lower, upper, "less") == lower
    assert p_of_tails(lower, upper, "greater") == upper
    assert p_of_tails(lower, upper, "two-sided") == min(1, 2 * lower, 2 * upper)


def test_only_the_two_sided_question_has_two_sides() -> None:
    assert [sidedness(one) for one in ("two-sided", "greater", "less")] == [2, 1, 1]
