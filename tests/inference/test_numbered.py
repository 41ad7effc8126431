from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leukoscope.errors import DataError
from leukoscope.inference.numbered import in_number_order
from leukoscope.inference.sources import Pictures


def named(*paths: str) -> Pictures:
    return Pictures(pl.DataFrame({"id": paths, "path": paths}), Path("final"), ("A note.",))


def refused(*paths: str, expected: int | None = None) -> str:
    with pytest.raises(DataError) as caught:
        in_number_order(named(*paths), expected)
    return str(caught.value)


@settings(deadline=None, max_examples=40)
@given(st.permutations(range(1, 13)), st.booleans())
def test_any_order_becomes_that_of_the_numbers(numbers: list[int], expecting: bool) -> None:
    found = in_number_order(named(*(f"below/{number}.bmp" for number in numbers)), 12 if expecting else None)
    assert found.table["path"].to_list() == [f"below/{number}.bmp" for number in range(1, 13)]
    assert found.table.columns == ["id", "path"]
    assert found.notes == ("A note.",)


@settings(deadline=None, max_examples=40)
@given(st.sets(st.integers(1, 12), min_size=1), st.integers(1, 12) | st.none())
def test_only_the_numbers_1_to_n_are_taken(numbers: set[int], expected: int | None) -> None:
    paths = [f"{number}.png" for number in sorted(numbers, key=str)]
    whole = numbers == set(range(1, (expected or max(numbers)) + 1))
    if whole:
        assert in_number_order(named(*paths), expected).table.height == len(numbers)
    else:
        assert "he" in refused(*paths, expected=expected)


def test_a_hole_is_named_before_anything_is_predicted() -> None:
    assert refused("1.bmp", "10.bmp", "2.bmp", "4.bmp") == (
        "There must be a picture for each number from 1 to 10; 6 missing: 3, 5, 6, 7, 8 and 1 more.\n"
        "  where: final\n"
        "  what to do: Add the missing pictures: the rows of the others would move up."
    )


def test_a_date_for_a_number_takes_no_memory() -> None:
    assert "from 1 to 900,000,000,000,000,000; 899,999,999,999,999,999 missing: 1, 2, 3, 4, 5 and" in refused(
        "900000000000000000.bmp"
    )


def test_fewer_and_more_than_expected_are_refused() -> None:
    assert "each number from 1 to 4; 2 missing: 3, 4." in refused("1.bmp", "2.bmp", expected=4)
    assert refused("1.bmp", "2.bmp", "3.bmp", expected=1) == (
        "The numbers must go from 1 to 1; 2 pictures beyond: 2, 3.\n  where: final"
    )
    assert "The numbers must go from 1 to 1; 1 picture beyond: 0." in refused("0.bmp", "1.bmp")
    assert "The numbers must go from 1 to 1; 1 picture beyond: 0." in refused("0.bmp")


def test_other_names_are_refused() -> None:
    assert refused("1.bmp", "UID_1_2_3_all.bmp", "two.bmp") == (
        "2 pictures not named by a number: UID_1_2_3_all.bmp, two.bmp.\n"
        "  where: final\n"
        "  what to do: Name the folder that holds 1.bmp, 2.bmp and so on, and nothing else."
    )
    assert "1 picture not named by a number: 99999999999999999999.bmp." in refused("99999999999999999999.bmp")


def test_one_number_twice_is_refused() -> None:
    assert refused("1.bmp", "a/1.bmp", "01.png", "2.bmp") == (
        "Several pictures have one number: 1.bmp, a/1.bmp, 01.png.\n  where: final"
    )


def test_hidden_files_are_left_out_and_said() -> None:
    found = in_number_order(named("._1.bmp", "1.bmp", "below/.2.bmp"))
    assert found.table["path"].to_list() == ["1.bmp"]
    assert found.notes == ("A note.", "Left out, being hidden: 2 files (._1.bmp, below/.2.bmp).")
