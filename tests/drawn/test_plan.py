from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leukoscope.drawn import drawn_classes
from leukoscope.drawn.plan import Plan, make_plan
from leukoscope.errors import SettingsError


def plan(**changed: Any) -> Plan:
    usual: dict[str, Any] = {"classes": 2, "patients": 20, "cells": 30, "counts": None, "malignant_share": 0.6}
    return make_plan(**{**usual, "seed": 0, **changed})


def counted(made: Plan) -> dict[str, int]:
    return dict(made.cells.group_by("label").len().iter_rows())


def test_half_of_the_patients_are_positive_and_only_they_have_malignant_cells() -> None:
    made = plan()
    assert made.patients["label"].value_counts().sort("label").rows() == [("all", 10), ("hem", 10)]
    shares = made.cells.group_by("patient").agg(share=pl.col("malignant").mean(), cells=pl.len())
    shares = shares.join(made.patients, on="patient")
    assert shares["cells"].to_list() == [30] * 20
    assert (shares.filter(pl.col("label") == "hem")["share"] == 0).all()
    positive = shares.filter(pl.col("label") == "all")["share"]
    assert positive.mean() == pytest.approx(0.6, abs=0.1)
    assert positive.n_unique() > 3
    assert positive.min() > 0.3


def test_each_cell_says_whether_it_is_malignant() -> None:
    made = plan()
    assert made.cells.filter(pl.col("malignant") != (pl.col("label") == "all")).is_empty()
    assert made.cells["id"].n_unique() == made.cells.height == 600


def test_neither_name_nor_place_tells_who_is_ill() -> None:
    labels = np.array(plan(patients=200, cells=1).patients["label"].to_list()) == "all"
    assert labels.sum() == 100
    assert abs(np.corrcoef(labels, np.arange(200))[0, 1]) < 0.2
    mixed = plan(cells=200).cells.group_by("patient", maintain_order=True).agg(pl.col("malignant"))
    order = next(row for row in mixed["malignant"].to_list() if any(row))
    assert abs(np.corrcoef(order, np.arange(200))[0, 1]) < 0.3


@pytest.mark.parametrize("share", [0.01, 0.5, 1.0])
def test_any_share_leaves_a_positive_patient_positive(share: float) -> None:
    made = plan(cells=5, malignant_share=share)
    ill = made.patients.filter(pl.col("label") == "all")["patient"].to_list()
    malignant = dict(made.cells.group_by("patient").agg(pl.col("malignant").sum()).iter_rows())
    assert all(malignant[name] >= 1 for name in ill)
    if share == 1:
        assert all(malignant[name] == 5 for name in ill)


@pytest.mark.parametrize("classes", [8, 15])
def test_more_classes_are_spread_evenly(classes: int) -> None:
    made = plan(classes=classes, patients=10, cells=classes * 2)
    assert counted(made) == dict.fromkeys(drawn_classes(classes).names, 20)
    assert made.patients["label"].null_count() == 10
    assert made.cells["malignant"].null_count() == made.cells.height
    assert set(made.cells.group_by("patient").len()["len"]) == {classes * 2}


@given(classes=st.sampled_from([2, 8, 15]), patients=st.integers(2, 9), seed=st.integers(0, 99), data=st.data())
@settings(max_examples=60, deadline=None)
def test_any_class_counts_are_met(classes: int, patients: int, seed: int, data: st.DataObject) -> None:
    names = drawn_classes(classes).names
    counts = data.draw(st.dictionaries(st.sampled_from(names), st.integers(0, 30), min_size=1))
    if not sum(counts.values()):
        counts[names[0]] = 1
    made = plan(classes=classes, patients=patients, counts=counts, seed=seed)
    assert counted(made) == {label: count for label, count in counts.items() if count}
    if classes == 2:
        negative = made.patients.filter(pl.col("label") == "hem")["patient"].implode()
        assert not made.cells.filter(pl.col("patient").is_in(negative))["malignant"].any()


def test_facts_are_plausible_and_mildly_tied_to_the_label() -> None:
    facts = plan(patients=400, cells=1).patients
    assert facts["age"].is_between(1, 90).all()
    assert set(facts["sex"]) == {"F", "M"}
    assert facts["lymphocyte_count"].is_between(0.3, 120).all()
    ill = facts["label"] == "all"
    counts, ages = facts["lymphocyte_count"].to_numpy(), facts["age"].to_numpy()
    order = (counts[ill.to_numpy()][:, None] > counts[~ill.to_numpy()]).mean()
    assert 0.7 < order < 0.92
    assert ages[ill.to_numpy()].mean() < ages[~ill.to_numpy()].mean()


def test_the_plan_depends_on_the_seed_alone() -> None:
    assert plan().cells.equals(plan().cells)
    assert not plan().cells.equals(plan(seed=1).cells)
    assert not plan().patients.equals(plan(seed=1).patients)


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        ({"patients": 1}, "A drawn cohort has at least 2 patients, not 1."),
        ({"cells": 0}, "A drawn patient has at least 1 cell, not 0."),
        ({"malignant_share": 0.0}, "The share of malignant cells must be above 0 and at most 1, not 0.0."),
        ({"malignant_share": float("nan")}, "The share of malignant cells must be above 0 and at most 1, not nan."),
        ({"classes": 5}, "Cells are drawn in 2, 8 or 15 classes, not in 5."),
        (
            {"counts": {"al": 3}},
            "There is no class 'al' to draw cells of.\n  what to do: Did you mean 'all'? Known: all, hem.",
        ),
        ({"counts": {"all": -1}}, "The number of cells of class 'all' must not be below 0; it is -1."),
        ({"counts": {}}, "The counts of all classes are 0: there is nothing to draw."),
    ],
)
def test_settings_out_of_range_are_refused(changed: dict[str, Any], text: str) -> None:
    with pytest.raises(SettingsError) as error:
        plan(**changed)
    assert str(error.value) == text
