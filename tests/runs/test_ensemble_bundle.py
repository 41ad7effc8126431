"""Bundles of several models, made of two tiny runs that frame pictures otherwise and look at other views."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from leukoscope import api
from leukoscope.bundles import EnsembleBundle, open_bundle
from leukoscope.cohort.readers import read_cohort
from leukoscope.drawn import draw_cohort
from leukoscope.ensembles import RULES
from leukoscope.errors import DataError, SettingsError
from leukoscope.runs.ensembling import Ensemble
from leukoscope.runs.run import Run

pytestmark = pytest.mark.usefixtures("no_pages_in_module")
TINY = {"drawn": None, "model.backbone": "test_resnet", "model.cut": None, "stages.0.epochs": 1, "seed": 1,
        "split.kind": "holdout", "split.test": 0.4, "split.validation": 0.4, "split.seed": 1}  # fmt: skip
OWN = {
    "small": {"framing": [{"center_crop": 24}, {"resize": 64}], "test_time.rotations": 2},
    "large": {"framing": [{"resize": 112}], "stages.0.rates": 3e-3, "test_time.flips": "both"},
}
RULE_SETTINGS: dict[str, dict[str, Any]] = {name: {} for name in RULES} | {
    "genetic": {"population": 6, "generations": 3, "restarts": 1},
    "most_confident": {"calibrate": "platt"},
}


@pytest.fixture(scope="module")
def cells(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("drawn") / "cells"
    draw_cohort(folder, patients=20, cells=6, size=32)
    return folder


@pytest.fixture(scope="module")
def runs(cells: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two runs of one split: pictures of 64 px in two views, of 112 px in four."""
    place, cohort = tmp_path_factory.mktemp("runs"), read_cohort(cells, "drawn")
    return [api.train("drawn", cohort, out=place / name, changes={**TINY, **own}).folder for name, own in OWN.items()]


@pytest.fixture(scope="module")
def combined(runs: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Ensemble:
    """An ensemble by every rule, a bundle each."""
    return api.ensemble(runs, tmp_path_factory.mktemp("both") / "out", rules=RULE_SETTINGS, bundles=list(RULES))


@pytest.mark.parametrize("rule", sorted(RULES))
def test_a_bundle_says_of_pictures_what_its_rule_said_of_the_test_part(
    combined: Ensemble, cells: Path, rule: str
) -> None:

    run = Run(combined.rule(rule))
    said = run.predictions("test").table.sort("id")
    cohort = read_cohort(cells, "drawn").select(said["id"])
    found = api.predict(run.bundle, cohort, device="cpu").table.sort("id")
    columns = ["p_all", "p_hem"] if "p_hem" in said.columns else [name for name in said.columns if name[:2] == "p_"]
    assert found["id"].to_list() == said["id"].to_list()
    assert found.select(columns).to_numpy() == pytest.approx(said.select(columns).to_numpy(), abs=1e-5)
    assert found["logit"].to_numpy() == pytest.approx(said["logit"].to_numpy(), abs=1e-3)
    positive = run.cohort.classes.positive
    reached = said[f"p_{positive}"].to_numpy() >= run.threshold
    assert np.array_equal((found["called"] == positive).to_numpy(), reached)


def test_its_card_states_the_rule_its_threshold_and_scores_and_what_all_were_trained_on(
    combined: Ensemble, runs: list[Path]
) -> None:
    run = Run(combined.rule("genetic"))
    bundle = open_bundle(run.bundle)
    assert isinstance(bundle, EnsembleBundle)
    card = bundle.card
    assert (card.name, card.rule, card.members) == ("out, genetic", "genetic", ("small", "large"))
    assert card.threshold == run.threshold
    assert card.fitted == run.scores["ensemble"]["fitted"]
    assert card.scores["weighted_f1"] == run.scores["parts"]["test"]["scores"]["weighted_f1"]
    own = [json.loads((path / "bundle" / "bundle.json").read_text(encoding="utf-8")) for path in runs]
    assert card.trained_on == own[0]["trained_on"] == own[1]["trained_on"]
    assert [model.framing.spec() for model in bundle.models] == [one["framing"] for one in own]
    assert [model.card.test_time.rotations for model in bundle.models] == [2, 1]
    assert "2 models (small, large), rule genetic" in repr(bundle)


def test_its_model_card_says_the_rule_s_numbers_and_each_member_keeps_its_own(combined: Ensemble) -> None:
    run = Run(combined.rule("stacked"))
    card = (run.bundle / "MODEL_CARD.md").read_text(encoding="utf-8")
    score = run.scores["parts"]["test"]["scores"]["weighted_f1"]
    assert f"| weighted F1 | {score['value']:.3f} |" in card
    assert (
        "2 models whose answers the rule stacked combines: small: test_resnet, head linear; large: test_resnet" in card
    )
    assert "- **small:** random numbers" in card
    assert "- **Data:** Drawn cells: the cohort" in card
    assert [one["name"] for one in run.scores["subgroups"]["sex"]] == ["F", "M"]
    assert "- **Split:** holdout, by patient, seed 1" in card
    assert (run.bundle / "CHECKLIST.md").is_file()
    own = (run.bundle / "members" / "small" / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert own.startswith("# Model card: small\n")


def test_a_bundle_needs_nothing_of_its_runs(combined: Ensemble, cells: Path, tmp_path: Path) -> None:
    shutil.copytree(Run(combined.rule("stacked")).bundle, tmp_path / "bundle")
    found = api.predict_to_file(tmp_path / "bundle", cells / "pictures", tmp_path / "said.csv", device="cpu")
    assert found.out.is_file()
    assert pl.read_csv(found.out)["problem"].null_count() == read_cohort(cells, "drawn").cells.height


def test_called_again_the_bundles_are_left_alone_and_one_more_can_be_had(runs: list[Path], tmp_path: Path) -> None:
    rules = ["average", "greedy"]
    first = api.ensemble(runs, tmp_path / "out", rules=rules)
    with pytest.raises(DataError) as caught:
        _ = Run(first.rule("greedy")).bundle
    assert str(caught.value) == (
        f"This is an ensemble of 2 runs, and has no bundle of its own.\n  where: {first.rule('greedy')}\n"
        "  what to do: Call ensemble again with --bundle greedy, or predict with the bundles of its members: "
        f"{runs[0]}/bundle, {runs[1]}/bundle."
    )
    api.ensemble(runs, tmp_path / "out", rules=rules, bundles=["greedy"])
    card = Run(first.rule("greedy")).bundle / "bundle.json"
    before = card.stat().st_mtime_ns
    api.ensemble(runs, tmp_path / "out", rules=rules, bundles=["greedy"])
    assert card.stat().st_mtime_ns == before
    assert not (first.rule("average") / "bundle").exists()


def test_a_member_may_be_an_ensemble_that_has_a_bundle(
    combined: Ensemble, runs: list[Path], cells: Path, tmp_path: Path
) -> None:
    models = [combined.rule("average"), runs[0]]
    both = api.ensemble(models, tmp_path / "out", rules=["most_confident"], bundles=["most_confident"])
    run = Run(both.rule("most_confident"))
    bundle = open_bundle(run.bundle)
    assert isinstance(bundle, EnsembleBundle)
    assert len(bundle.models) == 3
    said = run.predictions("test").table.sort("id")
    found = api.predict(bundle, read_cohort(cells, "drawn").select(said["id"])).table.sort("id")
    assert found["p_all"].to_numpy() == pytest.approx(said["p_all"].to_numpy(), abs=1e-5)


def test_one_model_is_needed_to_score_again_or_to_explain(combined: Ensemble, runs: list[Path], tmp_path: Path) -> None:
    folder = combined.rule("average")
    expected = (
        f"This is an ensemble of 2 runs; one model is needed here.\n  where: {folder}\n"
        f"  what to do: Name one of its members: {runs[0]}, {runs[1]}."
    )
    for asked in (lambda: api.rescore(folder, out=tmp_path / "out"), lambda: api.explain(folder, out=tmp_path / "out")):
        with pytest.raises(DataError) as caught:
            asked()
        assert str(caught.value) == expected


def test_a_bundle_that_cannot_be_made_is_refused_before_anything_is_written(runs: list[Path], tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        api.ensemble(runs, tmp_path / "out", rules=["average"], bundles=["greedy"])
    assert str(caught.value) == (
        "A bundle is asked for of 'greedy', which is none of the rules: average.\n  where: --bundle\n"
        "  what to do: Name one of them, or ask for its --rule."
    )
    tables = []
    for path in runs:
        said = pl.concat([Run(path).predictions(part).table for part in ("validation", "test")])
        said.write_parquet(tmp_path / f"{path.name}.parquet")
        tables.append(tmp_path / f"{path.name}.parquet")
    with pytest.raises(SettingsError) as caught:
        api.ensemble([runs[0], tables[1]], tmp_path / "out", rules=["average"], bundles=["average"])
    assert str(caught.value) == (
        "A bundle needs the models themselves; these are tables of predictions: large.\n  where: --bundle\n"
        "  what to do: Leave --bundle out, or name run folders alone."
    )
    assert not (tmp_path / "out").exists()
