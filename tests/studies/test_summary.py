from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from leukoscope.studies.curves import EPOCHS
from leukoscope.studies.summary import COLUMNS, over_runs, summary_table
from leukoscope.studies.table import HEAD


def table(rows: list[dict[str, object]]) -> pl.DataFrame:
    schema = {**HEAD, "roc_auc": pl.Float64(), "roc_auc_low": pl.Float64(), "roc_auc_high": pl.Float64()}
    return pl.DataFrame([{name: row.get(name) for name in schema} for row in rows], schema=schema)


@given(st.lists(st.floats(-100, 100), min_size=2, max_size=12))
def test_the_interval_is_student_s(values: list[float]) -> None:
    found = over_runs(values)
    assert (found["runs"], found["min"], found["max"]) == (len(values), min(values), max(values))
    assert found["mean"] == pytest.approx(np.mean(values))
    assert found["deviation"] == pytest.approx(np.std(values, ddof=1))
    spread = stats.sem(values)
    if spread > 1e-9:
        low, high = stats.t.interval(0.95, len(values) - 1, loc=np.mean(values), scale=spread)
        assert (found["low"], found["high"]) == (pytest.approx(low), pytest.approx(high))


def test_the_interval_holds_the_mean_as_often_as_it_says() -> None:
    random = np.random.default_rng(0)
    drawn = random.normal(0.8, 0.03, size=(2000, 5))
    found = [over_runs(list(values), "roc_auc") for values in drawn]
    share = np.mean([one["low"] <= 0.8 <= one["high"] for one in found])
    assert abs(share - 0.95) < 3 * math.sqrt(0.95 * 0.05 / 2000)


def test_one_run_has_no_interval_and_no_run_no_mean() -> None:
    assert over_runs([0.7]) == {
        "runs": 1, "mean": 0.7, "min": 0.7, "max": 0.7, "deviation": None, "low": None, "high": None,
    }  # fmt: skip
    assert over_runs([]) == {"runs": 0, **dict.fromkeys(("mean", "deviation", "min", "max", "low", "high"))}


def test_the_interval_stays_within_what_a_score_can_be() -> None:
    assert over_runs([0.2, 0.99], "roc_auc")["high"] == 1.0
    assert over_runs([0.2, 0.99], "roc_auc")["low"] == 0.0
    assert over_runs([0.2, 0.99], "no_such_score")["high"] > 1.0


def test_failed_runs_are_counted_and_have_no_score() -> None:
    finished = {"variant": "a", "status": "finished", "unit": "patient"}
    rows: list[dict[str, object]] = [
        {**finished, "roc_auc": 0.8, "roc_auc_low": 0.6, "roc_auc_high": 0.9},
        {"variant": "a", "status": "failed"},
        {**finished, "roc_auc": 0.6, "roc_auc_low": 0.4, "roc_auc_high": 0.7},
        {"variant": "b", "status": "failed"},
        {"variant": "b", "status": "not begun"},
    ]
    summed = summary_table(table(rows))
    assert summed.schema == COLUMNS
    first, second = summed.iter_rows(named=True)
    assert (first["planned"], first["failed"], first["runs"], first["unit"]) == (3, 1, 2, "patient")
    assert (first["mean"], first["patients_low"], first["patients_high"]) == (
        pytest.approx(0.7), pytest.approx(0.5), pytest.approx(0.8),
    )  # fmt: skip
    assert (second["planned"], second["failed"], second["runs"], second["mean"]) == (2, 1, 0, None)


FINISHED = {"variant": "a", "status": "finished", "unit": "cell", "roc_auc": 0.8}


def test_published_figures_stand_beside_with_their_own_protocol_or_the_study_s() -> None:
    rows: list[dict[str, object]] = [FINISHED, FINISHED | {"variant": "b"}, FINISHED | {"variant": "c"}]
    record = {
        "paper": "P",
        "protocol": "as the recipe says",
        "variants": [
            {"variant": "a", "published": {"roc_auc": {"min": 0.7, "mean": 0.8, "deviation": 0.1, "max": 0.9}}},
            {"variant": "b", "published": {"roc_auc": [0.6, 0.2]}, "paper": "Q", "protocol": "its own"},
            {"variant": "c", "published": {"roc_auc": "about 0.8", "accuracy": 0.9}},
        ],
    }
    first, second, third = summary_table(table(rows), record=record).iter_rows(named=True)
    names = [f"published_{name}" for name in ("min", "mean", "deviation", "max")] + ["paper", "protocol"]
    assert [first[name] for name in names] == [0.7, 0.8, 0.1, 0.9, "P", "as the recipe says"]
    assert [second[name] for name in names] == [None, 0.6, 0.2, None, "Q", "its own"]
    assert [third[name] for name in names] == [None] * 6


def test_the_values_at_the_chosen_epoch_are_summed_up_beside_the_test() -> None:
    epochs = pl.DataFrame(
        [("a-0", "a", "roc_auc", 1, True, 0.9), ("a-1", "a", "roc_auc", 1, False, 0.1),
         ("a-1", "a", "roc_auc", 2, True, 0.7), ("a-1", "a", "loss", 2, True, 3.0)],
        schema=EPOCHS, orient="row",
    )  # fmt: skip
    (row,) = summary_table(table([FINISHED, FINISHED]), epochs=epochs).iter_rows(named=True)
    assert (row["validation_runs"], row["validation_mean"]) == (2, pytest.approx(0.8))
    assert (row["validation_min"], row["validation_max"]) == (0.7, 0.9)
    assert row["validation_deviation"] == pytest.approx(0.2 / math.sqrt(2))
