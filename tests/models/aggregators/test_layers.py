"""Linear layers from a generator."""

from __future__ import annotations

import math

import torch

from leukoscope.models.aggregators.layers import generator_of, linear


def test_weights_come_from_the_seed_and_leave_torchs_state() -> None:
    before = torch.random.get_rng_state()
    one, same, other = (linear(30, 20, generator_of(seed)) for seed in (1, 1, 2))
    assert torch.equal(one.weight, same.weight)
    assert not torch.equal(one.weight, other.weight)
    assert torch.equal(before, torch.random.get_rng_state())
    assert one.weight.abs().max() <= math.sqrt(6 / 50)
    assert one.bias.tolist() == [0.0] * 20


def test_a_layer_may_have_no_bias() -> None:
    assert linear(3, 2, generator_of(0), bias=False).bias is None
