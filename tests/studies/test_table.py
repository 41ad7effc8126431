from __future__ import annotations

from pathlib import Path

import polars as pl

from leukoscope.files import read_json, read_table, remove
from leukoscope.reports.study_folder import StudyFolder
from leukoscope.runs.folder import RunFolder
from leukoscope.studies import Study
from leukoscope.studies.table import HEAD, costs_table, study_table


def test_a_row_says_what_the_run_s_folder_says(study: Study) -> None:
    table = study.table
    assert table.columns[:4] == ["name", "variant", "stages.0.rates", "seed"]
    assert table["status"].to_list() == ["finished"] * 4
    for row in table.iter_rows(named=True):
        own = RunFolder(study.place.run(row["name"]))
        part = read_json(own.scores)["parts"]["test"]
        assert row["unit"] == "cell"
        assert row["patients"] == 8
        for name in ("roc_auc", "log_loss"):
            score = part["scores"][name]
            assert [row[name], row[f"{name}_low"], row[f"{name}_high"]] == [score["value"], score["low"], score["high"]]
        assert row["patient_roc_auc"] == part["patient_scores"]["roc_auc"]["value"]
        history = read_table(own.path / "history.csv")
        assert row["validation_metric"] == "roc_auc"
        assert row["validation"] == history["validation_roc_auc"].max()
        assert row["best_epoch"] == 1 + history["validation_roc_auc"].arg_max()  # type: ignore[operator]


def test_the_table_on_disk_is_the_table(study: Study) -> None:
    assert read_table(study.place.table, text=True)["name"].to_list() == study.table["name"].to_list()
    costs = costs_table(study.place)
    for name in ("seconds", "epoch_seconds", "parameters", "peak_memory_mb"):
        assert costs[name].null_count() == 0
        assert costs[name].min() > 0  # type: ignore[operator]
    assert read_table(study.place.timings)["name"].to_list() == study.table["name"].to_list()


def test_no_run_is_left_out_whatever_became_of_it(copied: Path) -> None:
    place = StudyFolder(copied)
    names = [run["name"] for run in read_json(place.record)["runs"]]
    remove(place.run(names[0]))
    RunFolder(place.run(names[1])).update(status="failed", error="Weights are missing.")
    RunFolder(place.run(names[2])).update(status="interrupted")
    table = study_table(place)
    assert table["name"].to_list() == names
    assert table["status"].to_list() == ["not begun", "failed", "interrupted", "finished"]
    assert table["error"].to_list() == [None, "Weights are missing.", None, None]
    assert table["roc_auc"].null_count() == 3


def test_a_study_that_has_not_begun_has_a_table(copied: Path) -> None:
    place = StudyFolder(copied)
    remove(place.runs)
    table = study_table(place)
    assert set(table.columns) == {*HEAD, "stages.0.rates"}
    assert table.filter(pl.col("status") == "not begun").height == 4
    assert costs_table(place).height == 0
