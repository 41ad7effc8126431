from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leukoscope.cohort.splits.split import Split
from leukoscope.files import read_json, read_table
from leukoscope.runs.folder import RunFolder
from leukoscope.studies import Study
from leukoscope.studies.peeking import (
    SUMMARY,
    TABLE,
    WARNING,
    as_halves,
    best_values,
    peeking_summary,
    peeking_table,
)
from leukoscope.studies.summary import COLUMNS

VALUES = st.lists(st.floats(0, 1) | st.none(), min_size=1, max_size=40)


@given(VALUES)
def test_the_ten_best_values_are_the_largest_and_of_a_loss_the_smallest(values: list[float | None]) -> None:
    known = sorted(value for value in values if value is not None)
    history = pl.DataFrame({"validation_roc_auc": values, "validation_loss": values}, schema_overrides={
        "validation_roc_auc": pl.Float64, "validation_loss": pl.Float64,
    })  # fmt: skip
    assert best_values(history, "roc_auc", 10) == known[::-1][:10]
    assert best_values(history, "loss", 10) == known[:10]


def test_a_peeking_training_learns_from_one_half_and_is_examined_on_the_other(study: Study) -> None:
    for name in study.table["name"]:
        own, run = study.place.peeking / name, RunFolder(study.place.run(name))
        assert {entry.name for entry in own.iterdir()} - {".lock"} == {"history.csv", "timings.csv", "peeking.json"}
        counts, honest = read_json(own / "peeking.json")["parts"], read_json(run.record)["split"]["counts"]
        assert counts == honest
        assert counts["train"]["patients"] + counts["validation"]["patients"] == counts["test"]["patients"] == 8


def test_halves_have_no_test_part_and_part_nobody(study: Study) -> None:
    table = read_table(study.place.run("rates=0.01-seed1") / "split.csv", text=True)
    halves = as_halves(Split(table, "repeated", "patient")).table
    assert set(halves["part"]) == {"train", "validation"}
    assert halves.filter(part="validation")["id"].equals(table.filter(part="test")["id"])
    assert halves.group_by("group").agg(pl.col("part").n_unique())["part"].max() == 1


def test_every_row_says_that_it_was_peeked(study: Study) -> None:
    table = peeking_table(study.place)
    assert table.schema == TABLE
    assert set(table["protocol"]) == {WARNING} == {"peeking: chosen on the part it reports"}
    assert study.peeking is not None
    assert set(study.peeking["protocol"]) == {WARNING}
    assert WARNING in repr(study)
    row = table.row(by_predicate=(pl.col("metric") == "roc_auc") & (pl.col("name") == "rates=0.01-seed1"), named=True)
    history = read_table(study.place.peeking / row["name"] / "history.csv")
    assert row["values"] == row["epochs"] == 2
    assert row["best_values"] == pytest.approx(history["validation_roc_auc"].mean())
    assert row["best"] == history["validation_roc_auc"].max()


def test_the_peeked_figure_stands_beside_the_honest_one() -> None:
    peeked = pl.DataFrame(
        [
            {"name": f"{seed}", "variant": "a", "seed": seed, "metric": metric, "values": 10, "best_values": value}
            for seed, value in ((0, 0.8), (1, 0.9))
            for metric in ("roc_auc", "loss")  # the loss may be weighted: no score is its like
        ]
    )
    honest = pl.DataFrame(
        [
            {"variant": "a", "score": score, "mean": mean, "runs": 2, "patients_low": 0.5, "patients_high": 0.9}
            for score, mean in (("roc_auc", 0.7), ("log_loss", 0.6))
        ],
        schema=COLUMNS,
    )
    found = peeking_summary(peeked, honest)
    assert found.schema == SUMMARY
    auc, loss = found.iter_rows(named=True)
    assert (auc["peeking_mean"], auc["peeking_values"], auc["honest_mean"]) == (pytest.approx(0.85), 10, 0.7)
    assert (auc["honest_patients_low"], auc["honest_runs"]) == (0.5, 2)
    assert (loss["metric"], loss["honest_mean"]) == ("loss", None)


def test_peeking_leaves_nothing_that_could_be_taken_for_a_run(study: Study) -> None:
    assert not list(study.place.peeking.rglob("run.json"))
    assert not list(study.place.peeking.rglob("bundle*"))
    assert read_json(study.place.record)["peek"] is True
