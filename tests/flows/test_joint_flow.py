"""A joint model from the command line: trained, drawn as a diagram, reported, and used."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from leukoscope.cli.main import app
from leukoscope.files import read_json, read_table

BRANCHES = "{A: {backbone: test_resnet, cut: layer1}, B: {backbone: test_resnet, cut: layer2, normalise: none}}"
CHANGES = (
    "drawn.patients=16", "drawn.cells=4", "drawn.size=32", "framing=[{resize: 32}]", "augmentation=[]",
    "split.test=0.4", "split.seed=1", "stages=[{epochs: 1, batch: 16, train: head, rates: 0.01}]",
    "model.backbone=joint", "model.cut=null", "model.weights=null", f"model.branches={BRANCHES}", "model.head=dense",
    "model.hidden=[8, 8]", "model.hidden_dropout=0.6", "model.feature_norm=true", "loss.synergic=0.5", "seed=7",
)  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("joint") / "run"
    words = [word for change in CHANGES for word in ("--set", change)]
    said = CliRunner().invoke(app, ["train", "drawn", "--out", str(out), *words])
    assert said.exit_code == 0, said.output
    return out


def test_the_plan_and_its_diagram_stand_in_the_folder_and_on_the_page(folder: Path) -> None:
    plan = read_json(folder / "joint.json")
    assert [(branch["name"], branch["trained"]) for branch in plan["branches"]] == [("A", 0), ("B", 0)]
    assert [layer["kind"] for layer in plan["layers"]] == ["norm", "dense", "dense", "output"]
    assert plan["parameters"] == read_table(folder / "network.csv")["parameters"].sum()
    assert (folder / "figures" / "joint.png").is_file()
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "A: test_resnet up to layer1" in page
    assert "<code>joint.json</code>" in page


def test_the_bundle_predicts_what_the_run_said(folder: Path, tmp_path: Path) -> None:
    words = ["predict", str(folder / "bundle"), str(folder / "data"), "--reader", "drawn", "--out"]
    said = CliRunner().invoke(app, [*words, str(tmp_path / "said.csv")])
    assert said.exit_code == 0, said.output
    own = pl.read_parquet(folder / "predictions" / "test.parquet").select("id", own="logit")
    table = pl.read_csv(tmp_path / "said.csv", schema_overrides={"patient": pl.String}).join(own, on="id")
    assert table.height == own.height > 0
    assert (table["logit"] - table["own"]).abs().max() < 1e-4
