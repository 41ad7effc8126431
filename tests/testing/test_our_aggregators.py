"""Our own aggregators keep the contract that a stranger's must keep to."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from leukoscope.models.aggregators import AGGREGATORS, Aggregator, make_aggregator
from leukoscope.testing import check_aggregator

OPTIONS: list[dict[str, dict[str, Any]]] = [
    {"top_k": {"k": 3, "k_train": 2}},
    {"top_k": {"share": 0.1, "at_least": 2}},
    {"top_and_bottom_k": {"k": 1}},
    {"bn_sigmoid": {"momentum": 1.0}},
    {"self_attention": {"layers": 2, "width": 8, "heads": 2}},
    {"log_sum_exp": {"sharpness": 20}},
]


@pytest.mark.parametrize("spec", [*AGGREGATORS, *OPTIONS], ids=str)
def test_an_aggregator_keeps_the_contract(spec: str | dict[str, dict[str, Any]]) -> None:
    check_aggregator(partial(_made, spec))


def _made(spec: str | dict[str, dict[str, Any]], features: int, outputs: int, seed: int) -> Aggregator:
    return make_aggregator(spec, features, outputs, seed)
