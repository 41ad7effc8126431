from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

from leukoscope.cohort.classes import Classes
from leukoscope.evaluation.patients import patient_table
from leukoscope.inference.marks import PATIENT, PICTURE
from leukoscope.inference.patient_sums import PatientSums

PAIR, THREE = Classes(("hem", "all")), Classes(("a", "b", "c"))


def cells(classes: Classes, number: int = 200, **columns: Any) -> pl.DataFrame:
    """Return cells of nine patients, in no order, each of one class, a few of them unreadable."""
    random = np.random.default_rng(0)
    patient = random.integers(9, size=number)
    shares = random.dirichlet(np.ones(len(classes)), number)
    table = {"patient": [f"P{one}" for one in patient], "label": [classes.names[one % len(classes)] for one in patient]}
    table |= {f"p_{name}": shares[:, place] for place, name in enumerate(classes.names)}
    wrong = random.random(number) < 0.1
    found = pl.DataFrame(table).with_columns(problem=pl.Series(["cut off" if one else None for one in wrong]))
    read = pl.col("problem").is_null()
    found = found.with_columns(pl.when(read).then(pl.col(f"p_{name}")) for name in classes.names)
    return found.with_columns(**columns)


@pytest.mark.parametrize("classes", [PAIR, THREE])
@pytest.mark.parametrize("size", [1, 7, 200])
def test_patients_are_called_as_the_evaluation_calls_them(classes: Classes, size: int) -> None:
    table = cells(classes)
    threshold = 0.45 if classes.binary else None
    sums = PatientSums(classes, threshold)
    given = list(sums.passed(table.iter_slices(size)))
    assert pl.concat(given).equals(table)
    found = sums.table()
    assert found is not None
    assert found["patient"].to_list() == table["patient"].unique(maintain_order=True).to_list()
    read = table.filter(pl.col("problem").is_null()).with_columns(
        group=pl.lit(None, pl.String), patient_label=pl.lit(None, pl.String), called=pl.lit(classes.names[0])
    )
    truth = patient_table(read, classes, threshold=threshold, by_majority=False, level=0.95)
    joined = truth.join(found, on="patient", suffix="_found")
    assert joined.height == truth.height == 9
    for name in ("label", "called", "cells"):
        assert joined[name].equals(joined[f"{name}_found"].alias(name))
    for name in classes.names:
        assert joined[f"p_{name}_found"].to_numpy() == pytest.approx(joined[f"p_{name}"].to_numpy())
    assert found["unreadable"].sum() == table["problem"].drop_nulls().len()


def test_flags_of_cells_are_counted() -> None:
    flag = pl.int_range(pl.len()) % 3 == 0
    table = cells(PAIR, referred=flag, out_of_distribution=~flag)
    sums = PatientSums(PAIR, None)
    sums.add(table.head(50))
    sums.add(table.slice(50))
    found = sums.table()
    assert found is not None
    own = table.group_by("patient").agg(pl.col("referred").sum(), pl.col("out_of_distribution").sum())
    joined = found.join(own, on="patient")
    assert (joined["referred_cells"] == joined["referred"]).all()
    assert (joined["strange_cells"] == joined["out_of_distribution"]).all()
    plain = _table(cells(PAIR))
    assert plain is not None
    assert "referred_cells" not in plain.columns


def _table(block: pl.DataFrame) -> pl.DataFrame | None:
    sums = PatientSums(PAIR, None)
    sums.add(block)
    return sums.table()


def test_a_patient_none_of_whose_pictures_can_be_read_has_no_call() -> None:
    table = cells(PAIR, 6).with_columns(
        pl.Series("patient", ["P", "P", "Q", "Q", None, "Q"]), label=pl.lit(None, pl.String),
        problem=pl.Series(["x", "y", None, None, None, None]), p_hem=pl.lit(0.2), p_all=pl.lit(0.8),
    )  # fmt: skip
    found = _table(table.with_columns(pl.when(pl.col("problem").is_null()).then(pl.col("p_hem", "p_all"))))
    assert found is not None
    assert found.row(0, named=True) == {
        "id": "P", "patient": "P", "label": None, "called": None, "p_hem": None, "p_all": None, "cells": 0,
        "unreadable": 2, "problem": "None of the patient's 2 pictures can be read.",
    }  # fmt: skip
    assert found.row(1)[3:] == ("all", pytest.approx(0.2), pytest.approx(0.8), 3, 0, None)


def test_a_patient_with_cells_of_several_labels_has_none_and_a_mark_is_the_patient_s() -> None:
    table = cells(PAIR, 4).with_columns(
        pl.Series("patient", ["P", "P", "Q", "Q"]), pl.Series("label", ["hem", "all", "all", None]),
        pl.Series("leakage", [None, f"the paper's split; {PICTURE}", None, None]), problem=pl.lit(None, pl.String),
        p_hem=pl.lit(0.5), p_all=pl.lit(0.5),
    )  # fmt: skip
    found = _table(table)
    assert found is not None
    assert found["label"].to_list() == [None, "all"]
    assert found["leakage"].to_list() == [f"the paper's split; {PATIENT}", None]


def test_without_patients_there_is_no_table() -> None:
    assert _table(cells(PAIR, 5, patient=pl.lit(None, pl.String))) is None
    assert PatientSums(PAIR, None).table() is None
