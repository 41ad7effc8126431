"""Cells named by measures alone, with a head that is no line and is fitted at once; from training to prediction."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from leukoscope.files import read_json
from leukoscope.training.head_learners import forest

Command = Callable[..., tuple[int, str, str]]
SETTINGS = (
    "drawn.patients=16", "drawn.cells=6", "drawn.size=32", "framing=[{resize: 32}]", "augmentation=[]", "stages=[]",
    "balance={loss_weights: balanced}",
)  # fmt: skip


@pytest.fixture(autouse=True)
def few_trees(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forest, "TREES", 20)
    monkeypatch.setattr(forest, "FEWER", 5)


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
