from __future__ import annotations

import polars as pl
import pytest

from leukoscope.cohort.classes import Classes
from leukoscope.errors import DataError
from leukoscope.facts.patients import linked, rows_of, targets


def test_of_three_classes_the_target_is_the_place() -> None:
    classes = Classes(("a", "b", "c"))
    assert targets(pl.Series(["c", None, "a"]), classes).tolist() == [2, -1, 0]


def test_a_patient_without_a_group_is_its_own() -> None:
    assert linked(pl.DataFrame({"patient": ["P1", "P2"]})) == ["P1", "P2"]
    assert linked(pl.DataFrame({"patient": ["P1", "P2"], "group": [None, "P1+P9"]})) == ["P1", "P1+P9"]


def test_rows_come_in_the_order_of_the_names() -> None:
    table = pl.DataFrame({"patient": ["P1", "P2", "P3"]})
    assert rows_of(table, ["P3", "P1"])["patient"].to_list() == ["P3", "P1"]
    with pytest.raises(DataError) as caught:
        rows_of(table, ["P1", "P7", "P8"])
    assert str(caught.value) == "A patient is not in the patients' table.\n  where: patient P7 (and 1 more)"
