from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import yaml

from leukoscope import api
from leukoscope.bundles import EnsembleBundle, open_bundle
from leukoscope.cohort.readers import read_cohort
from leukoscope.drawn import draw_cohort
from leukoscope.errors import LeukoscopeError, SettingsError
from leukoscope.files import read_json
from leukoscope.pictures import reading
from leukoscope.predictions.table import Predictions
from leukoscope.recipes.loading import load_any
from leukoscope.recipes.schema import EnsembleRecipe
from leukoscope.runs import ensemble_run
from leukoscope.runs.ensemble_run import member_recipes
from leukoscope.runs.folder import RunFolder
from leukoscope.runs.run import Run
from leukoscope.studies.comparison import compare

pytestmark = pytest.mark.usefixtures("no_pages_in_module")

SMALL = {
    "drawn": None,
    "framing": [{"resize": 32}],
    "model.backbone": "test_resnet",
    "model.cut": None,
    "stages.0.epochs": 1,
}
RECIPE = {
    "name": "pair",
    "about": {"purpose": "Two tiny networks together.", "published": {"weighted_f1": 0.9552}},
    "split": {"kind": "holdout", "test": 0.4, "validation": 0.4},
    "members": {
        "plain": {"recipe": "drawn", "set": SMALL},
        "turned": {"recipe": "drawn", "set": {**SMALL, "stages.0.rates": 1e-3, "augmentation": []}},
    },
    "ensemble": {"rules": {"genetic": {"population": 6, "generations": 3, "restarts": 1}, "average": {}}},
    "threshold": {"value": 0.5},
    "seeing": {"cells": 2, "methods": ["grad_cam"]},
    "as_published": {"split": {"by": "cell"}, "reason": "The paper divides by cell."},
}


@pytest.fixture(scope="module")
def cells(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("drawn") / "cells"
    draw_cohort(folder, patients=20, cells=8, size=32)
    return folder


@pytest.fixture(scope="module")
def recipe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("recipe") / "pair.yaml"
    path.write_text(yaml.safe_dump(RECIPE, sort_keys=False), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def run(cells: Path, recipe: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    out = tmp_path_factory.mktemp("pair") / "run"
    return api.train(recipe, read_cohort(cells, "drawn"), out=out)


def test_the_members_are_trained_on_one_split_and_the_first_rule_speaks_for_all(run: Run) -> None:
    members = [Run(run.folder / "members" / name) for name in ("plain", "turned")]
    splits = [(RunFolder(one.folder).split).read_bytes() for one in (*members, run)]
    assert splits[0] == splits[1] == splits[2]
    rule = Run(run.folder / "rules" / "genetic")
    assert run.predictions("test").table.equals(rule.predictions("test").table)
    assert run.threshold == 0.5
    assert run.record["status"] == "finished"
    assert all(one.record["recipe"] == "drawn" for one in members)


def test_its_folder_holds_the_mistakes_the_maps_and_a_report_that_links_them(run: Run) -> None:
    page = run.report.read_text(encoding="utf-8")
    for name in ("mistakes/errors.html", "seeing/seeing.html", "as_published/report.html"):
        assert (run.folder / name).is_file(), name
        assert f'href="{name}"' in page, name


def test_the_rules_of_a_few_numbers_stand_beside_the_ensemble_and_its_test_part_was_opened_once(run: Run) -> None:
    member = Run(run.folder / "members" / "plain")
    ours, theirs = run.scores["baselines"], member.scores["baselines"]
    assert ours["global_statistics"] == theirs["global_statistics"]
    assert ours["handcrafted"]["scores"] == theirs["handcrafted"]["scores"]
    assert len(run.record["test_opened"]) == 1


def test_the_report_states_what_the_papers_own_split_would_make_of_the_scores(run: Run) -> None:
    gap = read_json(RunFolder(run.folder).gap)
    published = Run(run.folder / "as_published")
    assert published.record["leakage"] == "The paper divides by cell."
    assert run.record["leakage"] is None
    row = gap["rows"][0]
    ours, theirs = (one.scores["parts"]["test"]["scores"]["weighted_f1"]["value"] for one in (run, published))
    assert (row["score"], row["own"]["value"], row["as_published"]["value"]) == ("weighted_f1", ours, theirs)
    assert row["difference"]["value"] == pytest.approx(theirs - ours)
    assert "own split would make of it" in run.report.read_text(encoding="utf-8")


def test_an_ensemble_stands_beside_a_member_in_a_comparison(run: Run, tmp_path: Path) -> None:
    found = compare([str(run.folder), str(run.folder / "members" / "plain")], tmp_path / "compared", replicates=100)
    assert "plain" in str(found)


def test_stopped_after_a_member_and_moved_it_goes_on_and_ends_with_the_same(
    run: Run, cells: Path, recipe: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cohort, calls = read_cohort(cells, "drawn"), []
    real = ensemble_run.run_or_resume

    def once(folder: RunFolder, *rest: object, **more: object) -> Run:
        calls.append(folder.path.name)
        if len(calls) > 1:
            raise KeyboardInterrupt
        return real(folder, *rest, **more)

    monkeypatch.setattr(ensemble_run, "run_or_resume", once)
    with pytest.raises(KeyboardInterrupt):
        api.train(recipe, cohort, out=tmp_path / "run")
    assert calls == ["plain", "turned"]
    assert read_json(tmp_path / "run" / "run.json")["status"] == "interrupted"
    monkeypatch.undo()
    (tmp_path / "run").rename(tmp_path / "moved")
    # Both frame alike, so that the second member and the paper's own split open no picture to train on.
    monkeypatch.setattr(reading, "decode_content", _never)
    again = api.train(None, out=tmp_path / "moved", resume=True)
    assert not (again.folder / "pixels").exists()
    for part in ("validation", "test"):
        mine = again.predictions(part)
        assert mine.table.equals(run.predictions(part).table)
    assert read_json(again.folder / "gap.json") == read_json(run.folder / "gap.json")
    assert api.train(recipe, cohort, out=tmp_path / "moved", resume=True).record == again.record


def _never(*_: object) -> None:
    raise AssertionError("a picture is decoded a second time")


def test_other_settings_in_a_begun_folder_are_refused(run: Run, recipe: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        api.train(recipe, out=run.folder, resume=True, changes=["threshold.value=0.4"])
    assert str(caught.value).startswith("The run in this folder was started with other settings: threshold.")
    with pytest.raises(SettingsError) as caught:
        api.train("drawn", out=run.folder, resume=True)
    assert str(caught.value).startswith("The folder holds a run of 'pair'.")


def test_its_bundle_says_what_the_first_rule_said(run: Run, cells: Path) -> None:
    bundle = open_bundle(run.bundle)
    assert isinstance(bundle, EnsembleBundle)
    assert (bundle.card.name, bundle.card.rule, bundle.card.members) == ("pair", "genetic", ("plain", "turned"))
    assert (bundle.threshold, bundle.card.leakage) == (0.5, None)
    said = run.predictions("test").table.sort("id")
    found = api.predict(bundle, read_cohort(cells, "drawn").select(said["id"])).table.sort("id")
    assert found["p_all"].to_numpy() == pytest.approx(said["p_all"].to_numpy(), abs=1e-5)
    published = open_bundle(Run(run.folder / "as_published").bundle)
    assert published.card.leakage == "The paper divides by cell."


def test_a_rule_that_is_not_the_first_has_no_bundle_and_says_so(run: Run) -> None:
    rule = run.folder / "rules" / "average"
    with pytest.raises(LeukoscopeError) as caught:
        _ = Run(rule).bundle
    bundles = ", ".join(str((run.folder / "members" / name / "bundle").resolve()) for name in ("plain", "turned"))
    assert str(caught.value) == (
        f"This is an ensemble of 2 runs, and has no bundle of its own.\n  where: {rule}\n"
        "  what to do: Call ensemble again with --bundle average, or predict with the bundles of its members: "
        f"{bundles}."
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"members.plain.recipe": "lyon-frozen"},
            "The member 'plain' is a recipe of patients; an ensemble is of cells.",
        ),
        ({"members.plain.recipe": "none"}, "There is no recipe 'none'."),
        (
            {"members.plain.set": {"model.measures": True}},
            (
                "The member 'plain' has no map to show: it pools over the cell, takes measures of it, "
                "ends in a forest, or is several networks side by side."
            ),
        ),
        ({"as_published.split": {"b": "cell"}}, "A setting is wrong:\n  - b: there is no such setting."),
        ({"members.plain.set": {"model.backbon": "x"}}, "A setting is wrong:\n  - model.backbon: there is no such"),
    ],
)
def test_a_wrong_member_is_told_before_anything_is_trained(
    recipe: Path, cells: Path, tmp_path: Path, change: dict[str, object], message: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        api.train(recipe, read_cohort(cells, "drawn"), out=tmp_path / "run", changes=change)
    assert str(caught.value).startswith(message)
    assert not (tmp_path / "run").exists()


def test_split_threshold_and_seed_are_those_of_the_whole(recipe: Path) -> None:
    whole = load_any(recipe, {"seed": 7})
    assert isinstance(whole, EnsembleRecipe)
    for own in member_recipes(whole).values():
        assert (own.seed, own.split, own.threshold, own.as_published) == (7, whole.split, whole.threshold, None)


def test_the_predictions_are_the_weighted_mean_of_the_members(run: Run) -> None:
    record = json.loads((run.folder / "ensemble.json").read_text(encoding="utf-8"))
    weights = record["rules"]["genetic"]["fitted"]["weights"]
    said: list[Predictions] = [Run(run.folder / "members" / name).predictions("test") for name in ("plain", "turned")]
    tables = [one.table.sort("id")[one.columns[-1]].to_numpy().astype(np.float64) for one in said]
    values = weights if isinstance(weights, list) else list(weights.values())
    mine = run.predictions("test")
    expected = sum(weight * table for weight, table in zip(values, tables, strict=True))
    assert mine.table.sort("id")[mine.columns[-1]].to_numpy() == pytest.approx(expected, abs=1e-9)
