"""Studies of recipes of several models."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
import yaml

from leukoscope.cohort.readers import read_cohort
from leukoscope.drawn import draw_cohort
from leukoscope.errors import SettingsError
from leukoscope.runs.options import Options
from leukoscope.studies import Study, plan, sweep
from leukoscope.studies.comparison import compare
from leukoscope.studies.comparison.sides import sides_of

SMALL = {
    "drawn": None,
    "framing": [{"resize": 32}],
    "model.backbone": "test_resnet",
    "model.cut": None,
    "stages.0.epochs": 1,
}
PAIR = {
    "name": "pair",
    "about": {"purpose": "Two tiny networks together.", "paper": "Nobody 2019", "published": {"weighted_f1": 0.9}},
    "split": {"kind": "holdout", "test": 0.4, "validation": 0.4},
    "members": {
        "plain": {"recipe": "drawn", "set": SMALL},
        "other": {"recipe": "drawn", "set": {**SMALL, "stages.0.rates": 1e-3}},
    },
    "ensemble": {"rules": {"average": {}, "greedy": {}}},
    "threshold": {"value": 0.5},
    "seeing": {"cells": 0},
    "as_published": {"split": {"by": "cell"}, "reason": "The paper divides by cell."},
}


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("recipe") / "pair.yaml"
    path.write_text(yaml.safe_dump(PAIR, sort_keys=False), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def study(
    pair: Path, tmp_path_factory: pytest.TempPathFactory, quickly: Callable[[], AbstractContextManager[None]]
) -> Study:
    cells = tmp_path_factory.mktemp("drawn") / "cells"
    draw_cohort(cells, patients=20, cells=8, size=32)
    with quickly():
        return sweep(plan(pair, 2), read_cohort(cells, "drawn"), tmp_path_factory.mktemp("study") / "study", Options())


def test_each_seed_is_a_run_of_all_models_and_none_is_repeated_on_the_leaking_split(study: Study) -> None:
    assert study.failed == []
    assert [run.folder.name for run in study.runs] == ["seed0", "seed1"]
    for run in study.runs:
        assert sorted(path.name for path in (run.folder / "members").iterdir()) == ["other", "plain"]
        assert not (run.folder / "as_published").exists()
    assert [run.record["seed"] for run in study.runs] == [0, 1]
    assert "0.9" in study.page.read_text(encoding="utf-8")


def test_a_model_and_a_rule_of_its_runs_are_sides_of_a_comparison(study: Study, tmp_path: Path) -> None:
    named = [f"{study.folder}::pair::rules/average", f"{study.folder}::pair::members/plain"]
    sides = sides_of(named, "test")
    assert [side.name for side in sides] == ["pair, average", "pair, plain"]
    assert [run.seed for run in sides[1].runs] == [0, 1]
    assert sides[1].runs[0].run.folder == study.runs[0].folder / "members" / "plain"
    found = compare(named, tmp_path / "compared", scores=["roc_auc"], replicates=100)
    assert set(found.table["first"]) == {"pair, average"}


def test_what_its_runs_do_not_hold_is_told(study: Study) -> None:
    with pytest.raises(SettingsError) as caught:
        sides_of([study.folder, f"{study.folder}::pair::members/plane"], "test")
    folder = study.folder / "runs" / "seed0"
    assert str(caught.value) == (
        f"The run 'seed0' has no model or rule 'members/plane'.\n  where: {folder}\n"
        "  what to do: Did you mean 'members/plain'? Known: members/other, members/plain, rules/average, rules/greedy."
    )


@pytest.mark.parametrize("way", ["rescore", "choose"])
def test_settings_of_several_models_are_neither_chosen_nor_rescored(pair: Path, way: str) -> None:
    with pytest.raises(SettingsError) as caught:
        plan(pair, 2, **{way: {"threshold.value": [0.4, 0.6]}})
    assert str(caught.value) == (
        f"'pair' is a recipe of several models: their settings can be varied, but not with --{way}.\n  where: {way}\n"
        "  what to do: Put the values into the grid (--grid), or name one of its members."
    )


def test_a_recipe_of_one_model_can_stand_beside_it(pair: Path) -> None:
    found = plan(pair, 1, {"recipe": [str(pair), "quick"]})
    assert [type(run.recipe).__name__ for run in found.runs] == ["EnsembleRecipe", "Recipe"]
    assert all(run.recipe.as_published is None for run in found.runs)
