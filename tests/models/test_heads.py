from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from leukoscope.errors import SettingsError
from leukoscope.models.heads import is_linear, make_head
from leukoscope.recipes.schema import ModelSettings


def settings(**chosen: Any) -> ModelSettings:
    return ModelSettings(backbone="test_resnet", **chosen)


def test_the_linear_head_starts_small_with_zero_bias_and_by_its_seed() -> None:
    first, again, other = (make_head(settings(dropout=0.5), 400, 3, seed=seed) for seed in (1, 1, 2))
    weight, bias = first.get_parameter("linear.weight"), first.get_parameter("linear.bias")
    assert weight.shape == (3, 400)
    assert 0.008 < weight.std().item() < 0.012
    assert not bias.any()
    assert torch.equal(weight, again.get_parameter("linear.weight"))
    assert not torch.equal(weight, other.get_parameter("linear.weight"))


def test_dropout_stands_before_the_layer_only_where_it_is_wanted() -> None:
    with_dropout, without = (make_head(settings(dropout=share), 4, 1, seed=0) for share in (0.25, 0.0))
    assert [name for name, _ in with_dropout.named_children()] == ["dropout", "linear"]
    dropout = with_dropout.get_submodule("dropout")
    assert isinstance(dropout, nn.Dropout)
    assert dropout.p == 0.25
    assert [name for name, _ in without.named_children()] == ["linear"]


def test_an_unknown_head_gets_the_known_ones() -> None:
    with pytest.raises(SettingsError) as caught:
        make_head(settings().model_copy(update={"head": "liner"}), 4, 1, seed=0)
    assert str(caught.value) == (
        "There is no head 'liner'.\n  where: model.head\n"
        "  what to do: Did you mean 'linear'? Known: dense, forest, linear, logistic_regression, mlp, "
        "prototypes, svm."
    )


def test_a_dense_head_has_its_layers_in_order_with_dropout_before_and_behind() -> None:
    head = make_head(settings(head="dense", hidden=[8, 6], hidden_dropout=0.5, dropout=0.25), 5, 3, seed=0)
    named = dict(head.named_children())
    assert list(named) == ["dropout", "hidden1", "act1", "dropout1", "hidden2", "act2", "dropout2", "linear"]
    assert [named[name].p for name in ("dropout", "dropout1", "dropout2")] == [0.25, 0.5, 0.5]
    assert [tuple(named[name].weight.shape) for name in ("hidden1", "hidden2", "linear")] == [(8, 5), (6, 8), (3, 6)]
    plain = make_head(settings(head="dense", hidden=[8]), 5, 3, seed=0)
    assert [name for name, _ in plain.named_children()] == ["hidden1", "act1", "linear"]


def test_a_dense_head_computes_what_dense_layers_compute() -> None:
    head = make_head(settings(head="dense", hidden=[8], hidden_dropout=0.5), 5, 2, seed=0).eval()
    tensors = {name: value.double().numpy() for name, value in head.state_dict().items()}
    given = torch.rand(4, 5, generator=torch.Generator().manual_seed(1)) - 0.5
    hidden = np.maximum(given.double().numpy() @ tensors["hidden1.weight"].T + tensors["hidden1.bias"], 0)
    expected = hidden @ tensors["linear.weight"].T + tensors["linear.bias"]
    with torch.inference_mode():
        np.testing.assert_allclose(head(given).numpy(), expected, atol=1e-6)


def test_dense_layers_start_as_in_keras_and_by_their_seed() -> None:
    chosen = settings(head="dense", hidden=[300])
    first, again, other = (make_head(chosen, 500, 40, seed=seed).state_dict() for seed in (1, 1, 2))
    for name, given, width in (("hidden1", 500, 300), ("linear", 300, 40)):
        limit = (6 / (given + width)) ** 0.5  # Glorot & Bengio 2010: uniform between minus and plus this
        weight = first[f"{name}.weight"]
        assert 0.99 * limit < weight.abs().max().item() <= limit
        assert weight.std().item() == pytest.approx(limit / 3**0.5, rel=0.02)
        assert not first[f"{name}.bias"].any()
        assert torch.equal(weight, again[f"{name}.weight"])
        assert not torch.equal(weight, other[f"{name}.weight"])


def test_a_dense_head_without_widths_is_refused() -> None:
    with pytest.raises(SettingsError) as caught:
        make_head(settings(head="dense"), 4, 1, seed=0)
    assert str(caught.value) == (
        "A dense head needs the widths of its layers.\n  where: model.hidden\n  what to do: Set hidden: [256]."
    )


def test_only_a_head_without_hidden_layers_is_linear() -> None:
    heads = [make_head(settings(**chosen), 4, 1, seed=0) for chosen in ({}, {"head": "dense", "hidden": [3]})]
    heads += [make_head(settings(head=name), 4, 1, seed=0) for name in ("logistic_regression", "svm", "forest", "mlp")]
    assert [is_linear(head) for head in heads] == [True, False, True, False, False, False]
