"""Cross-validation from the first fold to the page: two classes with thresholds, and eight with groups."""

from __future__ import annotations

import shutil
import statistics
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from sklearn.metrics import f1_score

from leukoscope.errors import DataError
from leukoscope.evaluation import evaluate
from leukoscope.files import read_json, read_table, remove
from leukoscope.reports.study_folder import StudyFolder
from leukoscope.runs.folder import RunFolder
from leukoscope.studies import Plan, Study, plan, sweep
from leukoscope.studies.comparison.over_runs import rows_over_runs
from leukoscope.studies.comparison.pairing import paired_runs
from leukoscope.studies.comparison.sides import sides_of
from leukoscope.studies.group_scores import SCORES, group_scores_table
from leukoscope.studies.pooling import pooled_table, together, write_pooled

FAST: dict[str, Any] = {
    "drawn.patients": 12,
    "drawn.cells": 6,
    "drawn.size": 32,
    "framing": [{"resize": 32}],
    "model.backbone": "test_resnet",
    "model.cut": None,
    "stages.0.epochs": 1,
}
SAME = ("study.csv", "summary.csv", "classes.csv", "curves.csv", "patients.csv", "pooled.csv")
Quickly = Callable[[], AbstractContextManager[None]]


@pytest.fixture(scope="module")
def folds() -> Plan:
    return plan("drawn", changes=FAST, folds=3, rescore={"threshold.value": [0.4]})


@pytest.fixture(scope="module")
def folded(folds: Plan, tmp_path_factory: pytest.TempPathFactory, quickly: Quickly) -> Study:
    with quickly():
        return sweep(folds, None, tmp_path_factory.mktemp("folded") / "study")


@pytest.fixture(scope="module")
def eight(tmp_path_factory: pytest.TempPathFactory, quickly: Quickly) -> Study:
    published = {"about.published": {"classes": {"basophil": {"recall": [0.82, 0.07]}}}}
    changes = FAST | {"drawn.classes": 8, "drawn.patients": 9, "drawn.cells": 8, "best_epoch.metric": "loss"}
    with quickly():
        return sweep(plan("drawn", changes=changes | published, folds=3), None, tmp_path_factory.mktemp("eight") / "s")


def test_the_test_parts_hold_every_cell_once(folded: Study) -> None:
    plain = [run for run in folded.runs if "rescored_from" not in run.record]
    assert [run.folder.name for run in plain] == ["seed0-fold0", "seed0-fold1", "seed0-fold2"]
    tested = [name for run in plain for name in run.predictions("test").table["id"]]
    assert len(tested) == len(set(tested))
    assert set(tested) == set(plain[0].cohort.cells["id"])


def test_the_table_says_which_fold_a_run_is_and_the_summary_is_over_folds(folded: Study) -> None:
    table = folded.table
    assert table.columns[:5] == ["name", "variant", "threshold.value", "seed", "fold"]
    assert table["fold"].to_list() == [0, 0, 1, 1, 2, 2]
    (row,) = folded.summary.filter(pl.col("score") == "roc_auc", pl.col("variant") == "drawn").to_dicts()
    values = table.filter(pl.col("variant") == "drawn")["roc_auc"].to_list()
    assert (row["runs"], row["mean"]) == (3, pytest.approx(statistics.mean(values)))
    assert row["deviation"] == pytest.approx(statistics.stdev(values))
    half = 4.302652729911275 * statistics.stdev(values) * (1 / 3 + 1 / 2) ** 0.5
    assert row["low"] == pytest.approx(max(0.0, statistics.mean(values) - half))
    assert folded.record["folds"] == 3
    assert [run["fold"] for run in folded.record["runs"]] == [0, 0, 1, 1, 2, 2]


def test_every_cell_is_in_the_support_of_its_class(folded: Study, eight: Study) -> None:
    for study, variants in ((folded, 2), (eight, 1)):
        labels = study.runs[0].cohort.cells["label"].value_counts()
        cells = dict(labels.iter_rows())
        classes = study.classes
        assert classes is not None
        recall = classes.filter(pl.col("score") == "recall")
        assert recall.height == variants * len(cells)
        assert set(recall["finished"]) == {3}
        assert {row["class"]: row["support"] for row in recall.iter_rows(named=True)} == cells
    assert eight.classes is not None
    (beside,) = eight.classes.filter(pl.col("published_mean").is_not_null()).to_dicts()
    assert (beside["class"], beside["score"], beside["published_mean"]) == ("basophil", "recall", 0.82)


def test_all_folds_are_scored_as_one_each_at_its_own_threshold(folded: Study) -> None:
    pooled = folded.pooled
    assert pooled is not None
    for variant in ("drawn", "value=0.4"):
        runs = [run for run in folded.runs if run.folder.name.startswith("value") == (variant != "drawn")]
        tables = [run.predictions("test").table.with_columns(cut=pl.lit(run.threshold)) for run in runs]
        cells = pl.concat(tables)
        called = cells["p_all"] >= cells["cut"]
        own = pooled.filter(pl.col("variant") == variant)
        said = dict(own.filter(pl.col("class").is_null()).select("score", "value").iter_rows())
        assert said["weighted_f1"] == pytest.approx(f1_score(cells["label"] == "all", called, average="weighted"))
        predictions = together(run.predictions("test") for run in runs)
        area = evaluate(predictions)["roc_auc"]
        (row,) = own.filter(pl.col("score") == "roc_auc", pl.col("class").is_null()).to_dicts()
        assert (row["value"], row["low"], row["high"]) == pytest.approx((area.value, area.low, area.high))
        assert (row["rows"], row["unit"]) == (cells.height, "cell")
        assert row["clusters"] == cells["patient"].n_unique()
        patients = own.filter(pl.col("score") == "patient_roc_auc").to_dicts()
        assert [one["rows"] for one in patients] == [cells["patient"].n_unique()]


def test_folds_that_are_missing_leave_nothing_to_pool(folded: Study, tmp_path: Path) -> None:
    place = StudyFolder(Path(shutil.copytree(folded.folder, tmp_path / "study")))
    RunFolder(place.run("seed0-fold1")).update(status="failed", error="Weights are missing.")
    table = Study(place.path).table
    assert set(pooled_table(place, table)["variant"]) == {"value=0.4"}
    RunFolder(place.run("value=0.4-seed0-fold1")).update(status="failed", error="Weights are missing.")
    write_pooled(place, Study(place.path).table)
    assert not place.pooled.exists()
    assert Study(place.path).pooled is None


def test_a_cell_that_was_tested_twice_is_told(folded: Study) -> None:
    part = folded.runs[0].predictions("test")
    with pytest.raises(DataError) as caught:
        together([part, part])
    first, more = part.table["id"][0], part.table.height - 1
    assert str(caught.value).startswith(f"{first!r} stands in two test parts: these are not the folds of one division.")
    assert f"and {more} more" in str(caught.value)


def test_groups_of_classes_have_mean_and_deviation_over_folds(eight: Study) -> None:
    groups = eight.groups
    assert groups is not None
    scored = [read_json(RunFolder(run.folder).scores)["class_groups"] for run in eight.runs]
    names = [group["name"] for group in scored[0]["groups"]]
    assert names
    assert groups.height == len(names) * len(SCORES) + 2
    for place, name in enumerate(names):
        own = [run["groups"][place]["scores"] for run in scored]
        (row,) = groups.filter(pl.col("group") == name, pl.col("score") == "roc_auc").to_dicts()
        values = [one["scores"]["roc_auc"]["value"] for one in own if one["scores"]["roc_auc"]["value"] is not None]
        assert (row["runs"], row["finished"], row["mean"]) == (len(values), 3, pytest.approx(statistics.mean(values)))
        assert row["deviation"] == pytest.approx(statistics.stdev(values))
        assert row["support"] == sum(one["per_class"][name]["support"] for one in own)
    (within,) = groups.filter(pl.col("score") == "within_lineage").to_dicts()
    shares = [run["lineages"]["share"]["value"] for run in scored]
    assert (within["group"], within["mean"]) == (None, pytest.approx(statistics.mean(shares)))
    assert within["support"] == sum(run["lineages"]["errors"] for run in scored)
    (chance,) = groups.filter(pl.col("score") == "within_lineage_by_chance").to_dicts()
    assert chance["mean"] == pytest.approx(statistics.mean(run["lineages"]["by_chance"] for run in scored))


def test_two_classes_have_no_groups(folded: Study) -> None:
    assert folded.groups is None
    assert group_scores_table(folded.place, folded.table).height == 0


def test_the_page_speaks_of_folds(folded: Study, eight: Study) -> None:
    page = folded.page.read_text(encoding="utf-8")
    assert "All folds together" in page
    assert "<em>Over folds</em> is the 95&nbsp;% interval of the mean" in page
    assert "From the worst fold to the best" in page
    assert "Over runs" not in page
    assert "3, each the test part of one run" in page
    several = eight.page.read_text(encoding="utf-8")
    assert "Groups of classes" in several
    assert "Recall, published" in several
    assert "0.82 ± 0.07" in several
    assert "class by class" in several
    assert "(95 % interval over 3 folds)" in repr(folded)
    cells = folded.runs[0].cohort.cells.height
    assert f"drawn, all folds of seed 0 together, {cells} cells once each: balanced accuracy" in repr(folded)


def test_gone_on_with_it_ends_as_if_it_had_never_been_stopped(folded: Study, folds: Plan, tmp_path: Path) -> None:
    copy = StudyFolder(Path(shutil.copytree(folded.folder, tmp_path / "study")))
    remove(copy.run("value=0.4-seed0-fold1"))
    remove(copy.pooled)
    assert sweep(folds, None, copy.path).failed == []
    for name in SAME:
        assert (copy.path / name).read_bytes() == (folded.folder / name).read_bytes()


def test_two_sides_are_paired_fold_by_fold_and_tested_with_what_folds_share(folded: Study) -> None:
    one, other = sides_of([folded.folder], "test")
    pairs = paired_runs(one, other)
    assert [(pair.first.fold, pair.second.fold) for pair in pairs.pairs] == [(0, 0), (1, 1), (2, 2)]
    assert pairs.why is None
    ranks, signed, found = rows_over_runs(one, other, "weighted_f1", "two-sided")
    said = "The runs are folds, whose training parts overlap, and ranks take them as independent."
    assert (ranks["refused"], signed["refused"]) == (said, said)
    assert (found["test"], found["first_number"]) == ("corrected_t", 3)
    assert found["difference"] == pytest.approx(statistics.mean(one.values("weighted_f1")) - statistics.mean(
        other.values("weighted_f1")
    ))  # fmt: skip


def test_the_tables_on_disk_are_read_as_they_were_written(eight: Study) -> None:
    for path in (eight.place.groups, eight.place.pooled, eight.place.classes):
        assert read_table(path).height > 0
