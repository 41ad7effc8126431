from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from leukoscope.evaluation.units import Units, units_of


def table(**columns: list[str | None]) -> pl.DataFrame:
    rows = len(next(iter(columns.values())))
    empty = {"id": [str(row) for row in range(rows)], "patient": [None] * rows, "group": [None] * rows}
    return pl.DataFrame(empty | columns, schema=dict.fromkeys(empty, pl.String))


def found(rows: pl.DataFrame, truth: list[int], declared: list[int] | None = None) -> Units:
    return units_of(rows, np.array(truth), np.array(declared or [-1] * rows.height), 3)


def test_the_group_comes_before_the_patient_and_the_patient_before_the_cell() -> None:
    rows = table(patient=["a", "b", "c", None], group=["a+b", "a+b", None, None])
    units = found(rows, [0, 0, 1, 2])
    assert units.number == 3
    assert units.code[0] == units.code[1]
    assert units.kind == "linked group of patients"
    assert found(rows.with_columns(group=pl.lit(None, pl.String)), [0, 0, 1, 2]).kind == "patient"
    alone = found(table(patient=[None] * 4), [0, 0, 1, 2])
    assert (alone.number, alone.kind) == (4, "cell")


def test_a_unit_is_drawn_within_its_patients_class_or_else_that_of_most_of_its_cells() -> None:
    rows = table(patient=["a", "a", "a", "b", "b"])
    assert found(rows, [0, 1, 1, 2, 0]).stratum.tolist() == [1, 0]  # of equals the first
    assert found(rows, [0, 1, 1, 2, 0], [2, 2, 2, -1, -1]).stratum.tolist() == [2, 0]


def test_identical_cells_of_unknown_patients_are_one_unit_of_cells() -> None:
    units = found(table(group=["cell:1+cell:2", "cell:1+cell:2", "cell:3"]), [0, 0, 1])
    assert (units.number, units.kind) == (2, "cell")


def test_units_of_one_size_have_one_degree_of_freedom_less_than_they_are() -> None:
    units = Units(np.repeat(np.arange(7), 4), np.array([0, 0, 0, 1, 1, 1, 1]), np.full(7, 4), "patient")
    assert units.freedom() == pytest.approx([2, 3])


def test_a_large_unit_takes_degrees_of_freedom_away() -> None:
    size = np.array([100, 1, 1, 1, 1, 1])
    units = Units(np.repeat(np.arange(6), size), np.zeros(6, dtype=np.int64), size, "patient")
    assert units.freedom() == pytest.approx([1])
