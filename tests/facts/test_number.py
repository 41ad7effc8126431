from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leukoscope.errors import DataError
from leukoscope.facts.number import NumberFact

values = st.lists(st.floats(0.01, 1e6), min_size=2, max_size=30)


def table(numbers: list[float | None]) -> pl.DataFrame:
    names = [f"P{place}" for place in range(len(numbers))]
    return pl.DataFrame({"patient": names, "count": pl.Series(numbers, dtype=pl.Float64)})


@given(numbers=values, log=st.booleans())
def test_training_patients_have_mean_0_and_deviation_1_or_are_all_alike(numbers: list[float], log: bool) -> None:
    scaled, missing = NumberFact.fit(table(list(numbers)), "count", log=log).encode(table(list(numbers))).T
    assert not missing.any()
    assert abs(scaled.mean()) < 1e-6
    assert abs(scaled.std() - 1) < 1e-6 or scaled.std() < 1e-6


def test_a_missing_number_becomes_the_median_and_its_indicator() -> None:
    fact = NumberFact.fit(table([1.0, 10.0, None, 1000.0]), "count", log=True)
    assert (fact.median, fact.low, fact.high) == (10.0, 1.0, 1000.0)
    encoded = fact.encode(table([None, 10.0]))
    assert encoded[0, 0] == encoded[1, 0]
    assert encoded[:, 1].tolist() == [1, 0]
    assert fact.names == ("log count", "count missing")


def test_equal_numbers_are_encoded_as_nought() -> None:
    fact = NumberFact.fit(table([0.1, 0.1, 0.1]), "count", log=False)
    assert fact.deviation == 1.0
    assert np.allclose(fact.encode(table([0.1])), 0)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "P0, count: 0 lies outside of the 20 to 90 of the training patients."),
        (150.0, "P0, count: 150 lies outside of the 20 to 90 of the training patients."),
        (None, "P0, count: missing; the training patients' median, 55, stands in."),
    ],
)
def test_what_training_never_saw_is_remarked_and_encoded_all_the_same(value: float | None, text: str) -> None:
    fact = NumberFact.fit(table([20.0, 90.0]), "count", log=False)
    assert [str(remark) for remark in fact.remarks(table([value]))] == [text]
    assert np.isfinite(fact.encode(table([value]))).all()


def test_the_range_itself_is_nothing_to_remark() -> None:
    fact = NumberFact.fit(table([20.0, 90.0]), "count", log=False)
    assert fact.remarks(table([20.0, 50.0, 90.0])) == []


def test_a_fact_that_nobody_has_cannot_be_learnt() -> None:
    with pytest.raises(DataError) as caught:
        NumberFact.fit(table([None, None]), "count", log=False)
    assert str(caught.value) == (
        "No training patient has the fact 'count'.\n  where: facts.inputs\n"
        "  what to do: Leave it out of the inputs, or fill it in."
    )
