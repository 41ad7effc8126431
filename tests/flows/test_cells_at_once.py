"""A head of cells that is fitted at once, from training to prediction."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from leukoscope.files import read_json

Command = Callable[..., tuple[int, str, str]]
SETTINGS = (
    "drawn.patients=16", "drawn.cells=6", "drawn.size=32", "framing=[{resize: 32}]", "augmentation=[]", "stages=[]",
    "model={backbone: test_resnet, cut: layer2, pool: cell, pool_stages: [stem, layer2], head: logistic_regression}",
    "balance={loss_weights: balanced, patients: equal}", "test_time={rotations: 2, flips: horizontal}",
)  # fmt: skip


@pytest.fixture
def run(verb: Command, tmp_path: Path) -> Path:
    changes = [word for change in SETTINGS for word in ("--set", change)]
    code, _, err = verb("train", "drawn", "--out", tmp_path / "run", *changes)
    assert code == 0, err
    return tmp_path / "run"


def test_everything_is_learnt_from_but_the_test_part_and_the_bundle_says_the_same(
    verb: Command, run: Path, tmp_path: Path
) -> None:
    record, parts = read_json(run / "run.json"), pl.read_csv(run / "split.csv", infer_schema=False)
    assert record["out_of_fold"] is True
    assert record["best_epoch"] is None
    assert len(record["test_opened"]) == 1
    learnt = parts.filter(pl.col("part") != "test")["id"]
    told = pl.read_parquet(run / "predictions" / "validation.parquet")
    assert sorted(told["id"]) == sorted(learnt)
    assert read_json(run / "bundle" / "bundle.json")["trained_on"]["cells"] == len(learnt)
    page = (run / "report.html").read_text(encoding="utf-8")
    assert "each answered by models that had not learned from that patient" in page
    code, _, err = verb("predict", run / "bundle", run / "data", "--reader", "drawn", "--out", tmp_path / "said.csv")
    assert code == 0, err
    own = pl.read_parquet(run / "predictions" / "test.parquet").select("id", own="logit")
    said = pl.read_csv(tmp_path / "said.csv", schema_overrides={"patient": pl.String}).join(own, on="id")
    assert said.height == own.height > 0
    assert (said["logit"] - said["own"]).abs().max() < 1e-4
