from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
import torch

from leukoscope.explanation.bag_weights import bag_weights, has_bag_weights
from leukoscope.pictures.bags import BagData


def test_shares_sum_to_one_and_weights_are_the_sigmoid(bags: BagData, make_model: Any, cpu: torch.device) -> None:
    model = make_model("bn_sigmoid")
    with torch.no_grad():
        model.aggregator.beta.fill_(0.5)
        model.aggregator.gamma.fill_(2.0)
    table = bag_weights(model, bags, cpu, ["reactive", None, "tumoral"])
    assert np.allclose(table.group_by("patient").agg(pl.col("share").sum())["share"], 1)
    middle = (table["low"] + table["high"]) / 2
    assert np.allclose(table["weight"], 1 / (1 + np.exp(-(0.5 + 2 * middle.to_numpy()))), atol=1e-5)
    assert table["label"].unique(maintain_order=True).to_list() == ["reactive", None, "tumoral"]


@pytest.mark.parametrize(("aggregator", "order", "has"), [("bn_sigmoid", "logits", True), ("mean", "logits", False)])
def test_only_bn_sigmoid_has_weights_to_show(aggregator: str, order: str, has: bool, make_model: Any) -> None:
    assert has_bag_weights(make_model(aggregator, order=order)) is has
