"""Attention that sees the whole bag."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from leukoscope.errors import SettingsError
from leukoscope.models.aggregators.self_attention import SelfAttention
from leukoscope.models.bags import Bags


def test_it_is_a_softmax_of_the_mixed_tokens(instances: Any) -> None:
    attention = SelfAttention(4, 2, 0, width=8, layers=2, heads=2).double()
    tokens = attention.project(instances.features)
    expected = []
    for values, bag in zip(instances.pieces, instances.bags.split(tokens), strict=True):
        raised = np.exp(attention.score(torch.tanh(attention.layers(bag))).detach().numpy())
        expected.append((raised / raised.sum() * values).sum(0))
    np.testing.assert_allclose(attention(instances.values, instances.bags, tokens).detach(), expected)


def test_the_weight_of_an_instance_depends_on_its_bag() -> None:
    attention = SelfAttention(4).double()
    features = torch.from_numpy(np.random.default_rng(0).normal(size=(6, 4)))
    features[3:5] = features[:2]
    tokens = attention.project(features)
    weights = attention.weights(torch.ones(6, 1, dtype=torch.float64), Bags(torch.tensor([3, 3])), tokens).flatten()
    assert not torch.isclose(weights[0] / weights[1], weights[3] / weights[4], rtol=1e-6)


def test_a_bag_that_is_too_large_is_refused() -> None:
    attention, values = SelfAttention(4, most=3), torch.zeros(15, 1)
    with pytest.raises(SettingsError) as raised:
        attention(values, Bags(torch.tensor([3, 5, 7])), attention.project(torch.zeros(15, 4)))
    assert str(raised.value) == (
        "A bag of 5 instances is more than self_attention takes (3): its time and memory grow with the square.\n"
        "  where: bag 1 (and 1 more)\n"
        "  what to do: Let each cell be one instance (bag.instances: cells), or take another aggregator, or raise "
        "most: bag.aggregator: {self_attention: {most: 7}}."
    )


def test_the_width_is_a_multiple_of_the_heads() -> None:
    with pytest.raises(SettingsError) as raised:
        SelfAttention(4, width=10)
    assert str(raised.value) == (
        "The 'width' parameter of self_attention must be a multiple of heads. Got 10 for 4 heads.\n"
        "  where: bag.aggregator.self_attention"
    )


@pytest.mark.parametrize("option", ["width", "layers", "heads", "most"])
def test_options_are_whole_numbers(option: str) -> None:
    with pytest.raises(SettingsError) as raised:
        SelfAttention(4, **{option: 0})
    assert raised.value.what == (
        f"The {option!r} parameter of self_attention must be a whole number, 1 or more. Got 0."
    )
