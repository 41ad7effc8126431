"""Groups of drawn patients: their facts are as of a drawn cohort, what is said of their cells is made up."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from leukoscope.cohort.classes import Classes
from leukoscope.cohort.cohort import Cohort
from leukoscope.drawn.plan import make_plan
from leukoscope.evaluation.subgroups import AGE_BANDS
from leukoscope.predictions.table import Predictions
from leukoscope.runs.subgroups import subgroups

CLASSES = Classes(("hem", "all"), positive="all")


@pytest.fixture(scope="module")
def drawn() -> Cohort:
    """Sixty patients with age and sex, two cells each."""
    plan = make_plan(classes=2, patients=60, cells=2, counts=None, malignant_share=0.6, seed=1)
    cells = plan.cells.with_columns(path=pl.col("id"))
    return Cohort("drawn", Path(), cells, plan.patients, CLASSES, reader="drawn")


@pytest.fixture(scope="module")
def said(drawn: Cohort) -> Predictions:
    """Predictions that are wrong about every fifth cell."""
    wrong = pl.int_range(pl.len()) % 5 == 0
    ill = ((pl.col("label") == "all") != wrong).cast(pl.Float64) * 0.6 + 0.2
    table = drawn.cells.select("id", "label", "patient", p_all=ill, p_hem=1 - ill)
    return Predictions(table, CLASSES)


def test_drawn_patients_are_scored_by_sex_and_by_age(drawn: Cohort, said: Predictions) -> None:
    found = subgroups(drawn, said, 0.5)["subgroups"]
    sexes = dict(drawn.patients["sex"].value_counts().iter_rows())
    assert {one["name"]: one["patients"] for one in found["sex"]} == sexes
    assert all(one["scores"]["roc_auc"]["low"] is not None for one in found["sex"])
    names = [one["name"] for one in found["age"]]
    assert names == [name for name in AGE_BANDS if name in names]
    assert sum(one["patients"] for one in found["age"]) == 60
    assert all((one["reason"] is None) == (one["patients"] >= 10) for one in found["age"])


def test_only_the_patients_of_the_part_count(drawn: Cohort, said: Predictions) -> None:
    few = Predictions(said.table.head(8), CLASSES)
    found = subgroups(drawn, few, 0.5)["subgroups"]
    assert sum(one["patients"] for one in found["sex"]) == 4
    assert {one["reason"] for one in found["sex"]} <= {
        f"too few patients ({number}; 10 or more are needed)" for number in range(5)
    }


def test_what_is_not_known_has_no_groups(drawn: Cohort, said: Predictions) -> None:
    without = Cohort("own", Path(), drawn.cells, drawn.patients.drop("age", "sex"), CLASSES)
    assert subgroups(without, said, 0.5) == {}
    nulls = drawn.patients.with_columns(sex=pl.lit(None, pl.String))
    found = subgroups(Cohort("own", Path(), drawn.cells, nulls, CLASSES), said, 0.5)["subgroups"]
    assert list(found) == ["age"]


def test_a_sex_is_as_the_table_writes_it_and_ages_may_be_text(drawn: Cohort, said: Predictions) -> None:
    patients = drawn.patients.with_columns(sex=pl.lit(" female "), age=pl.lit("12"))
    found = subgroups(Cohort("own", Path(), drawn.cells, patients, CLASSES), said, 0.5)["subgroups"]
    assert [(one["name"], one["patients"]) for one in found["sex"]] == [("female", 60)]
    assert [(one["name"], one["patients"]) for one in found["age"]] == [("under 18", 60)]
