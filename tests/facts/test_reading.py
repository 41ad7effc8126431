from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from leukoscope.errors import DataError
from leukoscope.facts.reading import numbers_of, words_of


def table(values: list[object], dtype: pl.DataType | None = None) -> pl.DataFrame:
    names = [f"P{place}" for place in range(len(values))]
    return pl.DataFrame({"patient": names, "fact": pl.Series(values, dtype=dtype)})


def test_numbers_may_be_written_as_text_and_nan_states_nothing() -> None:
    assert numbers_of(table(["1.5", None, "2"]), "fact", positive=False).to_list() == [1.5, None, 2]
    assert numbers_of(table([1.5, float("nan")]), "fact", positive=False).to_list() == [1.5, None]
    assert numbers_of(table([True, False]), "fact", positive=False).to_list() == [1, 0]


def test_text_that_is_no_number_names_the_patient() -> None:
    with pytest.raises(DataError) as caught:
        numbers_of(table(["1", "many", "few"]), "fact", positive=False)
    assert str(caught.value) == (
        "The fact 'fact' is no number: 'many'.\n  where: patient P1 (and 1 more)\n"
        "  what to do: Declare it as a category, or mend the table."
    )


@pytest.mark.parametrize("value", [0.0, -2.0])
def test_a_count_of_nought_or_less_has_no_logarithm(value: float) -> None:
    patients = table([3.0, value])
    assert numbers_of(patients, "fact", positive=False).to_list() == [3, value]
    with pytest.raises(DataError) as caught:
        numbers_of(patients, "fact", positive=True)
    assert str(caught.value) == (
        f"The fact 'fact' has no logarithm: {value!r}.\n  where: patient P1\n"
        "  what to do: Leave it empty where it was not counted, or declare the fact linear."
    )


def test_an_infinite_number_is_refused() -> None:
    with pytest.raises(DataError, match="The fact 'fact' is infinite: inf"):
        numbers_of(table([1.0, float("inf")]), "fact", positive=False)


def test_a_date_is_no_number() -> None:
    with pytest.raises(DataError) as caught:
        numbers_of(table([dt.date(1950, 1, 1)]), "fact", positive=False)
    assert str(caught.value) == (
        "The fact 'fact' is no number but Date.\n  where: facts.inputs\n"
        "  what to do: Give a number made of it, an age instead of a date of birth."
    )


def test_a_fact_that_is_not_there_gets_the_nearest() -> None:
    with pytest.raises(DataError) as caught:
        numbers_of(table([1.0]), "fakt", positive=False)
    assert str(caught.value) == (
        "The patients' table has no fact 'fakt'.\n  where: facts.inputs\n"
        "  what to do: Did you mean 'fact'? Known: fact."
    )


def test_words_are_trimmed_and_whole_numbers_have_no_point_whoever_stands_beside_them() -> None:
    assert words_of(table([" F", "M ", "", None]), "fact").to_list() == ["F", "M", None, None]
    assert words_of(table([1.0, 2.5, None, float("nan")]), "fact").to_list() == ["1", "2.5", None, None]
    assert words_of(table([1, 2]), "fact").to_list() == ["1", "2"]
    assert words_of(table([True, None]), "fact").to_list() == ["true", None]
