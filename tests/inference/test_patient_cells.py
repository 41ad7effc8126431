from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import torch

from leukoscope.bundles.bundle import Bundle
from leukoscope.cohort.classes import Classes
from leukoscope.inference.patient_cells import CELLS, cells_table, explained_class
from leukoscope.inference.patient_rows import PatientReader
from leukoscope.inference.patient_sources import patients_of
from leukoscope.recipes.schema import TestTimeSettings as Views

FACTS = pl.DataFrame({"patient": ["P1", "P2", "P3", "P4"], "age": [30, 40, 50, 60], "count": 8.0, "sex": "F"})


def rows_of(bundle: Bundle, clinic: Path, facts: pl.DataFrame | None = None) -> list[tuple[pl.DataFrame, pl.DataFrame]]:
    inputs = tuple(bundle.card.facts.inputs) if bundle.card.takes_facts else ()
    reader = PatientReader(bundle, patients_of(clinic, bundle.classes, facts=facts, inputs=inputs), 2)
    readings = reader.readings(2)
    return [reader.rows(place, readings, evidence=True) for place in range(len(reader.names))]


@pytest.mark.parametrize("views", [1, 4])
def test_what_the_cells_add_sums_to_the_patient_s_logit(of_patients: Bundle, clinic: Path, views: int) -> None:
    bundle = replace(of_patients, card=replace(of_patients.card, test_time=Views(rotations=views)))
    for row, cells in rows_of(bundle, clinic)[:3]:
        assert cells["evidence"].sum() == pytest.approx(row["logit"].item(), abs=1e-4)
        assert cells["share"].sum() == pytest.approx(1)
        assert cells.drop_nulls("rank").sort("rank")["evidence"].is_sorted(descending=True)
        assert set(cells["explained"].drop_nulls()) == {"tumoral"}


def test_a_picture_that_cannot_be_read_has_a_row_with_the_reason(of_patients: Bundle, clinic: Path) -> None:
    _, cells = rows_of(of_patients, clinic)[0]
    assert cells["path"].to_list() == [f"P1/{number}.png" for number in range(5)]
    assert cells["problem"].to_list() == [None, "The file is empty (0 bytes).", None, None, None]
    assert cells.select(pl.col("evidence", "rank", "share", "explained").is_null()).row(1) == (True,) * 4
    assert cells["rank"].drop_nulls().sort().to_list() == [1, 2, 3, 4]


def test_a_patient_without_pictures_has_no_rows(of_patients: Bundle, clinic: Path) -> None:
    _, cells = rows_of(of_patients, clinic)[3]
    assert (cells.height, dict(cells.schema)) == (0, CELLS)


def test_facts_within_the_network_are_taken_along(with_facts: Bundle, clinic: Path) -> None:
    """Gradient times input then: no sum, but another patient's facts move it."""
    own = [cells["evidence"] for _, cells in rows_of(with_facts, clinic, FACTS)]
    other = [cells["evidence"] for _, cells in rows_of(with_facts, clinic, FACTS.with_columns(age=pl.col("age") + 30))]
    assert own[0].null_count() == 1
    assert np.isfinite(own[0].drop_nulls().to_numpy()).all()
    assert len(own[0]) == len(other[0])


def test_of_more_classes_the_most_probable_one_is_explained(three_of_patients: Bundle, clinic: Path) -> None:
    for row, cells in rows_of(three_of_patients, clinic)[:3]:
        assert set(cells["explained"].drop_nulls()) == {row["called"].item()}
    assert explained_class(Classes(("a", "b", "c")), torch.tensor([[0.0, 2.0, 1.0]])) == (1, "b")


def test_a_patient_without_prediction_keeps_the_names_of_the_pictures() -> None:
    found = cells_table("P", [("a.png", None), ("b.png", "cut off")], None, None)
    assert found.rows() == [("P", "a.png", None, None, None, None, None), ("P", "b.png", *(None,) * 4, "cut off")]


def test_cells_that_add_nothing_have_no_share() -> None:
    found = cells_table("P", [("a.png", None), ("b.png", None)], np.zeros(2), "tumoral")
    assert found.select("evidence", "rank", "share").rows() == [(0.0, 1, 0.0), (0.0, 2, 0.0)]
