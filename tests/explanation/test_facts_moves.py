from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
import torch
from torch import Tensor, nn

from leukoscope.explanation.facts_moves import moves_table, occluded_moves
from leukoscope.pictures.bags import BagData


class Times(nn.Module):
    """Adds the facts, weighted, to the pictures' logit."""

    def forward(self, patient: Tensor, facts: Tensor) -> Tensor:
        return patient + facts @ torch.tensor([[2.0], [-1.0]])


def test_columns_of_a_fact_are_taken_together() -> None:
    values = pl.DataFrame({"patient": ["P2", "P1"], "age": [None, 61.5], "sex": ["M", "F"]})
    moves = np.array([[0.5, 0.25, -1.0], [0.0, 0.5, 2.0]])
    table = moves_table(["P1", "P2"], moves, ["age", "age", "sex"], values)
    assert table.rows() == [
        ("P1", "age", "61.5", 0.75),
        ("P1", "sex", "F", -1.0),
        ("P2", "age", "missing", 0.5),
        ("P2", "sex", "M", 2.0),
    ]


def test_a_fact_of_a_linear_fusion_moves_by_its_weight(bags: BagData, make_model: Any, cpu: torch.device) -> None:
    model = make_model("mean", fusion=Times())
    mean = np.array([0.5, 0.25], dtype=np.float32)
    apart = occluded_moves(model, bags, cpu, sources=["age", "sex"], mean=mean)
    assert bags.facts is not None
    assert apart == pytest.approx((bags.facts - mean) * [2.0, -1.0], abs=1e-5)
    joined = occluded_moves(model, bags, cpu, sources=["age", "age"], mean=mean)
    assert joined[:, 0] == pytest.approx(apart.sum(axis=1), abs=1e-5)
    assert joined[:, 1].tolist() == [0, 0, 0]
