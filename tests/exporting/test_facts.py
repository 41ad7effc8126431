from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest
import torch

from leukoscope.exporting.facts import FactsInGraph, LogisticInGraph, raw_facts
from leukoscope.facts.encoding import FactsEncoder
from leukoscope.facts.logistic import LogisticModel

KINDS = {"age": {"kind": "linear", "most": 80.0}, "count": "log", "sex": "category"}
ENCODER = FactsEncoder.fit(
    pl.DataFrame({"patient": ["P", "Q", "R"], "age": [20, 50, 90], "count": [4.5, 8, 90], "sex": ["F", "M", None]}),
    KINDS,
)
PATIENTS = [
    {"age": 33.0, "count": 12.5, "sex": "M"},
    {"age": 99.0, "count": 0.1, "sex": "F"},
    {"age": None, "count": None, "sex": None},
    {"age": -4.0, "count": 1e6, "sex": "unknown"},
]


@pytest.mark.parametrize("facts", PATIENTS, ids=range(len(PATIENTS)))
def test_raw_facts_become_the_encoder_s_columns(facts: dict[str, float | str | None]) -> None:
    kinds = {"age": pl.Float64, "count": pl.Float64, "sex": pl.String}
    table = pl.DataFrame({"patient": ["P"], **{name: pl.Series([facts[name]], dtype=kinds[name]) for name in kinds}})
    found = FactsInGraph(ENCODER)(torch.from_numpy(raw_facts(ENCODER, facts)))
    np.testing.assert_allclose(found.numpy(), ENCODER.encode(table), atol=1e-6)


@pytest.mark.parametrize("raw", [[math.inf, 5.0, 0.0], [30.0, 0.0, 0.0], [30.0, -2.0, 0.0], [30.0, math.inf, 0.0]])
def test_what_the_encoder_refuses_makes_no_number(raw: list[float]) -> None:
    found = FactsInGraph(ENCODER)(torch.tensor([raw]))
    assert torch.isnan(found).sum() == 1


def test_a_fact_that_is_not_named_is_missing() -> None:
    assert np.isnan(raw_facts(ENCODER, {})).all()


def test_a_regression_is_one_matrix_and_one_vector() -> None:
    model = LogisticModel(("a", "b"), (60.0, -2.0), (10.0, 0.5), ((0.5, -1.5), (2.0, 0.25)), (-1.0, 3.0), 1.0)
    values = np.random.default_rng(0).normal(50, 20, (6, 2))
    found = LogisticInGraph(model)(torch.from_numpy(values).float())
    np.testing.assert_allclose(found.numpy(), model.logits(values), rtol=1e-5)


def test_a_regression_of_no_inputs_says_its_intercept() -> None:
    found = LogisticInGraph(LogisticModel((), (), (), ((),), (0.7,), 1.0))(torch.zeros(3, 0))
    torch.testing.assert_close(found, torch.full((3, 1), 0.7))
