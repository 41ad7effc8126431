from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import torch

from leukoscope.explanation import write_evidence
from leukoscope.files import read_json, read_table
from leukoscope.pictures.bags import BagData
from leukoscope.training.patients import patient_logits

FILES = {
    "evidence",
    "evidence.json",
    "evidence.parquet",
    "evidence_patients.csv",
    "facts_moves.csv",
    "logit_maps.csv",
    "bag_weights.csv",
}


def test_all_that_a_page_needs_is_written(
    tmp_path: Path, bags: BagData, make_model: Any, predict: Any, cpu: torch.device
) -> None:
    model = make_model("bn_sigmoid")
    moves = pl.DataFrame({"patient": bags.patients, "fact": "age", "value": "61", "moved": 0.5})
    truth = pl.DataFrame({"id": bags.cells.ids, "malignant": [place % 2 == 0 for place in range(9)]})
    predictions = predict(patient_logits(model, bags, cpu), bags)
    write_evidence(
        tmp_path, model, bags, cpu, predictions=predictions, threshold=0.5, moves=moves, truth=truth, run="night"
    )
    assert {entry.name for entry in tmp_path.iterdir()} == FILES
    cells = read_table(tmp_path / "evidence.parquet")
    assert cells["sheet_left"].null_count() == 0
    stems = read_table(tmp_path / "evidence_patients.csv", text=True)["stem"]
    sheets = {path.stem for path in (tmp_path / "evidence").iterdir()}
    assert sheets == {*stems, "logit_maps"}
    record = read_json(tmp_path / "evidence.json")
    assert (record["run"], record["threshold"], record["aggregator"]) == ("night", 0.5, "BnSigmoid")
    assert record["found"]["cells"] == 8
    assert record["scale"] > 0


def test_nothing_of_an_earlier_network_is_left(
    tmp_path: Path, bags: BagData, make_model: Any, predict: Any, cpu: torch.device
) -> None:
    moves = pl.DataFrame({"patient": bags.patients, "fact": "age", "value": "61", "moved": 0.5})
    first, second = make_model("bn_sigmoid"), make_model("mean")
    logits = patient_logits(first, bags, cpu)
    write_evidence(tmp_path, first, bags, cpu, predictions=predict(logits, bags), moves=moves)
    few = bags.subset(np.array([1]))
    write_evidence(tmp_path, second, few, cpu, predictions=predict(patient_logits(second, few, cpu), few))
    assert {entry.name for entry in tmp_path.iterdir()} == FILES - {"facts_moves.csv", "bag_weights.csv"}
    assert len(list((tmp_path / "evidence").iterdir())) == 2


def test_what_there_is_not_is_left_out(
    tmp_path: Path, bags: BagData, make_model: Any, predict: Any, cpu: torch.device
) -> None:
    model = make_model("mean")
    write_evidence(tmp_path, model, bags, cpu, predictions=predict(patient_logits(model, bags, cpu), bags))
    left = {entry.name for entry in tmp_path.iterdir()}
    assert left == FILES - {"facts_moves.csv", "bag_weights.csv"}
    assert read_json(tmp_path / "evidence.json")["found"] is None


def test_no_evidence_at_all_is_written_too(
    tmp_path: Path, bags: BagData, make_model: Any, predict: Any, cpu: torch.device
) -> None:
    model = make_model("mean")
    torch.nn.init.zeros_(model.cells.head.linear.weight)
    write_evidence(tmp_path, model, bags, cpu, predictions=predict(patient_logits(model, bags, cpu), bags))
    assert read_table(tmp_path / "evidence.parquet")["sheet_left"].null_count() == 9
    assert read_json(tmp_path / "evidence.json")["scale"] == pytest.approx(1.0)
    assert not (tmp_path / "logit_maps.csv").exists()
