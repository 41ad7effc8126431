from __future__ import annotations

import polars as pl
import pytest

from leukoscope.cohort.classes import Classes
from leukoscope.errors import DataError
from leukoscope.predictions.values import classes_in, sorted_values


def test_numbers_are_sorted_by_size_and_before_text() -> None:
    assert sorted_values([pl.Series(["10", "b", "2"]), pl.Series(["a", None, "2"])]) == ["2", "10", "a", "b"]


def test_cnmcs_classes_are_known_in_whatever_order_they_come() -> None:
    assert classes_in(["all", "hem"]) == classes_in(["hem", "all"])
    assert classes_in(["all", "hem"]).positive == "all"
    assert classes_in(["b", "a"]) == Classes(("b", "a"))
    with pytest.raises(DataError, match="At least two classes are needed; found: none"):
        classes_in([])
