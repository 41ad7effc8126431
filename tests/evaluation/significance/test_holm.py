from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from leukoscope.errors import DataError
from leukoscope.evaluation.significance import holm

FAMILY = st.lists(st.floats(0, 1), min_size=1, max_size=12)


@pytest.mark.usefixtures("no_sweeping_up")
@given(family=FAMILY)
@settings(max_examples=40, deadline=None)
def test_it_agrees_with_statsmodels(family: list[float]) -> None:
    assert holm(family) == pytest.approx(multipletests(family, method="holm")[1].tolist(), abs=1e-9)


@given(family=FAMILY)
@settings(max_examples=40, deadline=None)
def test_it_lies_between_the_plain_values_and_bonferroni(family: list[float]) -> None:
    for plain, corrected in zip(family, holm(family), strict=True):
        assert plain <= corrected <= min(1, len(family) * plain)


@given(family=FAMILY, data=st.data())
@settings(max_examples=40, deadline=None)
def test_it_goes_with_its_test_whatever_the_order(family: list[float], data: st.DataObject) -> None:
    order = data.draw(st.permutations(range(len(family))))
    corrected = holm(family)
    assert holm([family[place] for place in order]) == [corrected[place] for place in order]


def test_ties_are_corrected_alike_and_no_tests_are_no_values() -> None:
    assert holm([0.01, 0.01, 0.2]) == [0.03, 0.03, 0.2]
    assert holm([]) == []


def test_what_is_no_probability_is_refused() -> None:
    with pytest.raises(DataError) as caught:
        holm([0.2, float("nan"), -0.1])
    assert str(caught.value) == (
        "A p value lies between 0 and 1; this one is nan.\n"
        "  where: value 2 of 3 (and 1 more)\n"
        "  what to do: Leave out the tests that could not be made."
    )
