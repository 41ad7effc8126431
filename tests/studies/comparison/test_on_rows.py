from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.contingency_tables import mcnemar as other_mcnemar

from leukoscope.cohort.classes import Classes
from leukoscope.evaluation import compare_pair
from leukoscope.predictions.table import Predictions
from leukoscope.studies.comparison.on_rows import _delong, one_sided, rows_on_rows
from leukoscope.studies.comparison.pairing import paired_runs
from leukoscope.studies.comparison.sides import Side, sides_of

Make = Callable[..., Path]


def rows_of(one: Side, other: Side, *scores: str) -> dict[tuple[str, str], dict[str, Any]]:
    (pair,) = paired_runs(one, other).pairs
    rows = rows_on_rows(one, other, pair, list(scores), "two-sided", replicates=200, seed=0)
    return {(row["test"], row["score"]): row for row in rows}


@pytest.fixture
def pair(make_run: Make, tmp_path: Path) -> tuple[Side, Side]:
    named = [make_run(tmp_path / name, seed=seed, edge=edge) for name, seed, edge in (("x", 1, 2.0), ("y", 2, 1.0))]
    one, other = sides_of(named, "test")
    return one, other


def test_the_bootstrap_is_that_of_compare_pair_and_gives_the_runs_own_scores(pair: tuple[Side, Side]) -> None:
    rows = rows_of(*pair, "weighted_f1", "patient_accuracy")
    assert set(rows) == {
        ("bootstrap", "weighted_f1"), ("bootstrap", "patient_accuracy"), ("mcnemar", "patient_accuracy"),
        ("mcnemar", "accuracy"),
    }  # fmt: skip
    runs = [side.runs[0] for side in pair]
    said = [run.run.predictions() for run in runs]
    expected = compare_pair(*said, score="weighted_f1", thresholds=(0.4, 0.4), replicates=200)
    found = rows["bootstrap", "weighted_f1"]
    assert (found["difference"], found["low"], found["p"]) == (expected.difference, expected.low, expected.p)
    for key, row in rows.items():
        assert row["first_value"] == pytest.approx(runs[0].value(row["score"]), abs=1e-12), key
        assert row["second_value"] == pytest.approx(runs[1].value(row["score"]), abs=1e-12), key


def test_mcnemar_on_patients_and_on_cells_is_that_of_statsmodels(pair: tuple[Side, Side]) -> None:
    rows = rows_of(*pair, "accuracy")
    for score, tables in (
        ("accuracy", [side.runs[0].predictions.table for side in pair]),
        ("patient_accuracy", [side.runs[0].patients.table for side in pair]),
    ):
        right = [(table.sort("id")["label"] == table.sort("id")["called"]).to_numpy() for table in tables]
        counts = [[int(((right[0] == a) & (right[1] == b)).sum()) for b in (True, False)] for a in (True, False)]
        found = rows["mcnemar", score]
        assert found["p"] == pytest.approx(other_mcnemar(counts, exact=True).pvalue, abs=1e-9)
        assert (found["first_number"], found["second_number"]) == (counts[0][1], counts[1][0])
    assert (rows["mcnemar", "accuracy"]["unit"], rows["mcnemar", "patient_accuracy"]["unit"]) == ("cell", "patient")


def test_delong_is_of_patients_and_its_area_is_the_run_s(pair: tuple[Side, Side]) -> None:
    found = rows_of(*pair, "roc_auc")["delong", "patient_roc_auc"]
    assert (found["unit"], found["groups"]) == ("patient", 12)
    for side, name in zip(pair, ("first_value", "second_value"), strict=True):
        assert found[name] == pytest.approx(side.runs[0].value("patient_roc_auc"), abs=1e-12)
    assert ("delong", "patient_roc_auc") not in rows_of(*pair, "weighted_f1")


def test_linked_patients_are_one_for_delong_and_mcnemar(make_run: Make, tmp_path: Path) -> None:
    named = [make_run(tmp_path / name, seed=seed, linked=True) for name, seed in (("x", 1), ("y", 2))]
    one, other = sides_of(named, "test")
    rows = rows_of(one, other, "roc_auc")
    for key in (("delong", "patient_roc_auc"), ("mcnemar", "patient_accuracy")):
        assert (rows[key]["unit"], rows[key]["groups"], rows[key]["patients"]) == ("linked group of patients", 11, 12)


def test_runs_that_link_other_patients_are_refused_and_not_mixed_up(make_run: Make, tmp_path: Path) -> None:
    named = [make_run(tmp_path / name, seed=0, linked=link) for name, link in (("x", True), ("y", False))]
    one, other = sides_of(named, "test")
    rows = rows_of(one, other, "roc_auc")
    why = "The two runs link other patients to each other, so their patients cannot be matched."
    assert rows["delong", "patient_roc_auc"]["refused"] == rows["mcnemar", "patient_accuracy"]["refused"] == why
    assert rows["bootstrap", "roc_auc"]["refused"].startswith("The group is ")


def test_what_patients_are_needed_for_is_refused_without_them(make_run: Make, tmp_path: Path) -> None:
    named = [make_run(tmp_path / name, seed=seed, known=False) for name, seed in (("x", 1), ("y", 2))]
    rows = rows_of(*sides_of(named, "test"), "roc_auc")
    why = "The patients of these cells are not known."
    assert rows["delong", "patient_roc_auc"]["refused"] == rows["mcnemar", "patient_accuracy"]["refused"] == why
    assert (rows["bootstrap", "roc_auc"]["unit"], rows["bootstrap", "roc_auc"]["patients"]) == ("cell", None)


def test_delong_is_refused_for_more_than_two_classes() -> None:
    table = pl.DataFrame({"id": ["P1", "P2"], "label": ["a", "b"], "p_a": [0.5, 0.2], "p_b": 0.3, "p_c": [0.2, 0.5]})
    said = Predictions(table, Classes(("a", "b", "c")), unit="patient")
    run = SimpleNamespace(predictions=said, independent=said)
    found = _delong({}, SimpleNamespace(first=run, second=run, runs=(run, run)), "two-sided")  # type: ignore[arg-type]
    assert found["refused"] == "DeLong's test needs two classes and their probabilities."


def test_a_run_of_patients_has_no_test_on_cells(make_run: Make, tmp_path: Path) -> None:
    named = [make_run(tmp_path / name, seed=seed, unit="patient") for name, seed in (("x", 1), ("y", 2))]
    rows = rows_of(*sides_of(named, "test"), "roc_auc")
    assert set(rows) == {("bootstrap", "roc_auc"), ("delong", "roc_auc"), ("mcnemar", "accuracy")}
    assert all(row["cells"] is None and row["patients"] == 12 for row in rows.values())


def test_the_order_of_the_rows_does_not_matter(pair: tuple[Side, Side], tmp_path: Path) -> None:
    before = rows_of(*pair, "roc_auc")
    place = tmp_path / "y" / "predictions" / "test.parquet"
    pl.read_parquet(place).sample(fraction=1.0, shuffle=True, seed=1).write_parquet(place)
    assert rows_of(*sides_of([tmp_path / "x", tmp_path / "y"], "test"), "roc_auc") == before


@given(st.floats(-1, 1), st.floats(0, 1))
def test_the_two_one_sided_questions_share_the_whole(difference: float, p: float) -> None:
    greater, less = (one_sided(difference, p, way) for way in ("greater", "less"))  # type: ignore[arg-type]
    assert greater is not None
    assert less is not None
    if difference:
        assert greater + less == pytest.approx(1)
        assert (greater <= 0.5) == (difference > 0) or np.isclose(p, 1)
    assert one_sided(difference, p, "two-sided") == p
    assert one_sided(difference, None, "less") is None
