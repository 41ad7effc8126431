from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
import torch

from leukoscope.errors import DataError
from leukoscope.explanation.evidence import Evidence, evidence_of
from leukoscope.explanation.patient_table import COLUMNS, patient_table
from leukoscope.pictures.bags import BagData
from leukoscope.predictions.table import Predictions

LOGITS = np.array([[-1.0], [2.0], [0.1]])


@pytest.fixture
def evidence(bags: BagData, make_model: Any, cpu: torch.device) -> Evidence:
    return evidence_of(make_model("mean"), bags, cpu, replicates=20)


def table_of(evidence: Evidence, predictions: Predictions, **changed: Any) -> pl.DataFrame:
    given = {"threshold": None, "referred": {}, "intervals": None, "moved": False}
    return patient_table(evidence, predictions, **(given | changed))


def test_it_says_what_was_predicted_in_the_end(evidence: Evidence, bags: BagData, predict: Any) -> None:
    table = table_of(evidence, predict(LOGITS, bags), threshold=0.6, referred={"a/b": "both remain possible"})
    assert tuple(table.columns) == COLUMNS
    assert table["patient"].to_list() == bags.patients
    assert table["called"].to_list() == ["reactive", "tumoral", "reactive"]
    assert table["referred"].to_list() == [False, True, False]
    assert table["reason"].to_list() == [None, "both remain possible", None]
    assert table["explained"].unique().to_list() == ["tumoral"]
    assert np.allclose(table["probability"], 1 / (1 + np.exp(-LOGITS[:, 0])))


def test_an_interval_of_the_pictures_is_not_put_around_another_probability(
    evidence: Evidence, bags: BagData, predict: Any
) -> None:
    assert table_of(evidence, predict(LOGITS, bags))["low"].to_list() == [None] * 3
    own = predict(evidence.patients.select("logit").to_numpy(), bags)
    assert table_of(evidence, own)["low"].null_count() == 1
    assert table_of(evidence, predict(LOGITS, bags), moved=True)["low"].null_count() == 1


def test_given_intervals_take_the_place(evidence: Evidence, bags: BagData, predict: Any) -> None:
    given = pl.DataFrame({"patient": ["a/b"], "low": [0.2], "high": [0.9]})
    table = table_of(evidence, predict(LOGITS, bags), intervals=given)
    assert table.select("low", "high").rows() == [(None, None), (0.2, 0.9), (None, None)]


def test_a_patient_without_prediction_is_named(evidence: Evidence, bags: BagData, predict: Any) -> None:
    whole = predict(LOGITS, bags)
    with pytest.raises(DataError) as raised:
        table_of(evidence, Predictions(whole.table[:1], whole.classes))
    assert str(raised.value) == "A patient with evidence has no prediction.\n  where: patient a/b (and 1 more)"
    with pytest.raises(DataError) as raised:
        table_of(evidence, Predictions(pl.concat([whole.table, whole.table[:1]]), whole.classes))
    assert str(raised.value) == "A patient has two predictions.\n  where: patient P1"
