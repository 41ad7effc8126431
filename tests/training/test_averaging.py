from __future__ import annotations

import torch
from torch import nn

from leukoscope.training.averaging import WeightAverage, evaluated_weights


def network() -> nn.Module:
    return nn.Sequential(nn.Linear(1, 1, bias=False), nn.BatchNorm1d(1))


def set_weight(model: nn.Module, value: float) -> None:
    nn.init.constant_(model.get_parameter("0.weight"), value)


def test_the_average_is_exponential_and_counts_are_copied() -> None:
    model = network()
    set_weight(model, 1)
    average = WeightAverage(model, 0.75)
    set_weight(model, 5)
    model.get_buffer("1.num_batches_tracked").fill_(3)
    average.update(model)
    average.update(model)
    assert average.tensors["0.weight"].item() == 0.75 * (0.75 * 1 + 0.25 * 5) + 0.25 * 5
    assert average.tensors["1.num_batches_tracked"].item() == 3


def test_a_part_that_changed_is_averaged_alone() -> None:
    model = network()
    set_weight(model, 1)
    parts, whole = WeightAverage(model, 0.75), WeightAverage(model, 0.75)
    set_weight(model, 5)
    whole.update(model)
    parts.update(model.get_submodule("0"), "0.")
    assert parts.tensors["0.weight"].item() == 0.75 * 1 + 0.25 * 5
    assert all(torch.equal(value, whole.tensors[name]) for name, value in parts.tensors.items())


def test_averaged_weights_are_lent_and_taken_back() -> None:
    model = network()
    set_weight(model, 1)
    average = WeightAverage(model, 0.5)
    set_weight(model, 2)
    with evaluated_weights(model, average):
        assert model.get_parameter("0.weight").item() == 1
    assert model.get_parameter("0.weight").item() == 2
    with evaluated_weights(model, None):
        assert model.get_parameter("0.weight").item() == 2


def test_copies_restore_an_average() -> None:
    model = network()
    set_weight(model, 1)
    kept = WeightAverage(model, 0.5).copies()
    set_weight(model, 2)
    average = WeightAverage(model, 0.5)
    average.restore(kept)
    assert torch.equal(average.tensors["0.weight"], torch.ones(1, 1))
