"""The hand-crafted baseline of a run: kept in its folder, stated in its scores, held against an ensemble too."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from leukoscope import api
from leukoscope.cohort.readers import read_cohort
from leukoscope.drawn import draw_cohort
from leukoscope.pictures.handcrafted import NAMES, measuring
from leukoscope.recipes.loading import load_recipe
from leukoscope.runs.by_hand import beside_ensemble
from leukoscope.runs.preparation import prepare
from leukoscope.runs.run import Run

SMALL = {
    "drawn": None,
    "framing": [{"resize": 32}],
    "model.backbone": "test_resnet",
    "model.cut": None,
    "stages.0.epochs": 1,
    "split": {"kind": "holdout", "test": 0.4, "validation": 0.4},
}


@pytest.fixture(scope="module")
def cells(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("drawn") / "cells"
    draw_cohort(folder, patients=20, cells=4, size=32)
    return folder


@pytest.fixture(scope="module")
def run(cells: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    out = tmp_path_factory.mktemp("run") / "run"
    return api.train(load_recipe("drawn", SMALL), read_cohort(cells, "drawn"), out=out)


def test_a_run_says_whether_it_beats_hand_crafted_measures(run: Run) -> None:
    entry = run.scores["baselines"]["handcrafted"]
    ours = run.scores["parts"]["test"]["scores"]["roc_auc"]["value"]
    assert entry["paired"]["first"] == pytest.approx(ours)
    assert entry["paired"]["second"] == pytest.approx(entry["scores"]["roc_auc"]["value"])
    assert entry["sentence"] in run.report.read_text(encoding="utf-8")


def test_it_is_kept_and_held_against_what_several_say(run: Run, tmp_path: Path) -> None:
    stated, test = run.scores["baselines"], run.predictions("test")
    assert beside_ensemble([tmp_path, run.folder], test, stated) == stated
    others = {name: entry for name, entry in stated.items() if name != "handcrafted"}
    assert beside_ensemble([tmp_path], test, stated) == others


def test_the_measures_are_of_pictures_as_they_are_and_taken_once(
    cells: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe, cohort = load_recipe("drawn", {**SMALL, "framing": [{"resize": 48}]}), read_cohort(cells, "drawn")
    measured = prepare(recipe, cohort, store=tmp_path / "store").intake.measured["handcrafted"]
    assert measured.columns == ["id", *NAMES]
    assert measured["cell_area"].max() <= 32 * 32
    monkeypatch.delattr(measuring, "cell_mask")
    again = prepare(recipe, cohort, store=tmp_path / "store").intake.measured["handcrafted"]
    assert again.equals(measured)


def test_without_a_network_nothing_is_measured_beside_it(cells: Path, tmp_path: Path) -> None:
    settings = {**SMALL, "model": {"backbone": "none", "measures": "handcrafted", "head": "svm"}, "stages": []}
    settings = {name: value for name, value in settings.items() if not name.startswith(("model.", "stages."))}
    recipe = load_recipe("drawn", {**settings, "augmentation": []})
    assert "handcrafted" not in prepare(recipe, read_cohort(cells, "drawn"), store=tmp_path / "store").intake.measured


def test_the_baseline_has_probabilities_of_each_class(run: Run) -> None:
    kept = pl.read_parquet(run.folder / "baselines" / "handcrafted.parquet")
    test = run.predictions("test").table
    assert kept["id"].equals(test["id"])
    assert {name for name in test.columns if name.startswith("p_")} <= set(kept.columns)
