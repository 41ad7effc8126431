"""Cells named by measures alone, with a head that is no line and is fitted at once; from training to prediction."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from leukoscope.drawn import draw_cohort
from leukoscope.files import read_json
from leukoscope.recipes.loading import load_any
from leukoscope.recipes.schema import EnsembleRecipe
from leukoscope.training.head_learners import forest

Command = Callable[..., tuple[int, str, str]]
SETTINGS = (
    "drawn.patients=16", "drawn.cells=6", "drawn.size=32", "framing=[{resize: 32}]", "augmentation=[]", "stages=[]",
    "balance={loss_weights: balanced}",
)  # fmt: skip


@pytest.fixture(autouse=True)
def few_trees(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forest, "TREES", 10)
    monkeypatch.setattr(forest, "FEWER", 3)


@pytest.mark.parametrize(
    ("head", "model"),
    [
        ("svm", "{backbone: none, measures: handcrafted, head: svm}"),
        ("forest", "{backbone: none, measures: true, head: forest}"),
        ("mlp", "{backbone: test_resnet, cut: layer2, pca: 8, head: mlp}"),
    ],
)
def test_the_bundle_says_what_the_run_said_and_the_page_what_it_goes_by(
    verb: Command, tmp_path: Path, head: str, model: str
) -> None:
    run = tmp_path / "run"
    changes = [word for change in (*SETTINGS, f"model={model}") for word in ("--set", change)]
    code, _, err = verb("train", "drawn", "--out", run, *changes)
    assert code == 0, err
    assert read_json(run / "run.json")["out_of_fold"] is True
    page = (run / "report.html").read_text(encoding="utf-8")
    assert ("What it goes by" in page) == (run / "importances.csv").is_file() == (head != "mlp")
    if head != "mlp":
        table = pl.read_csv(run / "importances.csv")
        assert table.columns[:5] == ["name", "meaning", "unit", "log_loss_more", "deviation"]
        assert table["log_loss_more"].is_sorted(descending=True)
        assert table["name"][0] in page
    code, _, err = verb("predict", run / "bundle", run / "data", "--reader", "drawn", "--out", tmp_path / "said.csv")
    assert code == 0, err
    own = pl.read_parquet(run / "predictions" / "test.parquet").select("id", own="logit")
    said = pl.read_csv(tmp_path / "said.csv", schema_overrides={"patient": pl.String}).join(own, on="id")
    assert said.height == own.height > 0
    assert (said["logit"] - said["own"]).abs().max() < 1e-3


@pytest.mark.parametrize(
    ("recipe", "member"),
    [
        ("handcrafted", []),
        pytest.param(
            "frozen-heads",
            ["model.backbone=test_resnet", "model.weights=none", "model.cut=layer2"],
            marks=pytest.mark.torture,
        ),
    ],
)
@pytest.mark.usefixtures("no_pages")  # of the single models
def test_a_recipe_of_several_heads_says_what_was_learnt_from_and_what_it_goes_by(
    verb: Command, tmp_path: Path, recipe: str, member: list[str]
) -> None:
    draw_cohort(tmp_path / "cells", patients=20, cells=6, size=32)
    asked = load_any(recipe)
    assert isinstance(asked, EnsembleRecipe)
    members = asked.members
    changes = [f"members.{name}.set.{one}" for name in members for one in ("framing=[{resize: 32}]", *member)]
    given = ["--data", tmp_path / "cells", "--reader", "drawn", "--out", tmp_path / "run"]
    code, _, err = verb("train", recipe, *given, *(word for change in changes for word in ("--set", change)))
    assert code == 0, err
    record, page = read_json(tmp_path / "run" / "run.json"), (tmp_path / "run" / "report.html").read_text("utf-8")
    assert record["out_of_fold"] is True
    counts = record["split"]["counts"]
    learnt = counts["train"]["cells"] + counts["validation"]["cells"]
    assert f"An ensemble of {len(members)} models learned from {learnt} cells" in page
    assert "each answered by models that had not learned from that patient" in page
    assert "chose the epoch" not in page
    tables = [name for name in members if (tmp_path / "run" / "members" / name / "importances.csv").is_file()]
    assert all(f"<h3>{name}</h3>" in page for name in tables)
    assert bool(tables) == (recipe == "handcrafted")
