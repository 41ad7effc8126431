from __future__ import annotations

from typing import Any

import pytest
import torch

from leukoscope.exporting.bags import OneBag
from leukoscope.exporting.substitutes import SUBSTITUTES
from leukoscope.models.aggregators import make_aggregator
from leukoscope.models.bags import Bags

SPECS: list[Any] = [
    "top_k",
    {"top_k": {"k": 3}},
    {"top_k": {"share": 0.1, "at_least": 2}},
    {"top_k": {"share": 0.3}},
    {"top_and_bottom_k": {"k": 2}},
    {"top_and_bottom_k": {"share": 1.0}},
    "mean_and_spread",
]


@pytest.mark.parametrize("count", [1, 2, 7])
def test_one_bag_does_what_bags_do(count: int) -> None:
    values = torch.randn(count, 3, generator=torch.Generator().manual_seed(count))
    one, bags = OneBag(count), Bags(torch.tensor([count]))
    assert one.number == bags.number == 1
    for name in ("sum", "mean", "largest", "log_sum_exp", "softmax"):
        torch.testing.assert_close(getattr(one, name)(values), getattr(bags, name)(values))
    torch.testing.assert_close(one.spread(values[:1]), bags.spread(values[:1]))
    assert torch.equal(one.index, bags.index)
    assert torch.equal(one.sizes, bags.sizes)
    assert torch.equal(one.repeated(4).sizes, bags.repeated(4).sizes)


@pytest.mark.parametrize("spec", SPECS, ids=str)
@pytest.mark.parametrize("size", [1, 2, 5, 10, 30, 100])
def test_ranks_counted_in_a_graph_give_what_the_aggregator_gives(spec: Any, size: int) -> None:
    own = make_aggregator(spec, 0, 2, seed=0).eval()
    values = torch.randn(size, 2, generator=torch.Generator().manual_seed(size))
    nothing = values[:, :0]
    said = own(values, Bags(torch.tensor([size])), nothing)
    evidence = own.evidence(values, Bags(torch.tensor([size])), nothing)
    own.__class__ = SUBSTITUTES[type(own)]
    torch.testing.assert_close(own(values, OneBag(size), nothing), said)
    torch.testing.assert_close(own.evidence(values, OneBag(size), nothing), evidence)


def test_of_equal_instances_as_many_count_as_there_should() -> None:
    made = make_aggregator({"top_k": {"k": 2}}, 0, 1, seed=0).eval()
    made.__class__ = SUBSTITUTES[type(made)]
    shares = made.weights(torch.tensor([[1.0], [1.0], [1.0]]), OneBag(3), torch.zeros(3, 0))
    assert sorted(shares.flatten().tolist()) == [0.0, 0.5, 0.5]
