from __future__ import annotations

import pytest
import torch
from torch import nn

from leukoscope.errors import SettingsError
from leukoscope.models.heads import make_head


def test_the_linear_head_starts_small_with_zero_bias_and_by_its_seed() -> None:
    first, again, other = (make_head("linear", 400, 3, dropout=0.5, seed=seed) for seed in (1, 1, 2))
    weight, bias = first.get_parameter("linear.weight"), first.get_parameter("linear.bias")
    assert weight.shape == (3, 400)
    assert 0.008 < weight.std().item() < 0.012
    assert not bias.any()
    assert torch.equal(weight, again.get_parameter("linear.weight"))
    assert not torch.equal(weight, other.get_parameter("linear.weight"))


def test_dropout_stands_before_the_layer_only_where_it_is_wanted() -> None:
    with_dropout, without = (make_head("linear", 4, 1, dropout=share, seed=0) for share in (0.25, 0.0))
    assert [name for name, _ in with_dropout.named_children()] == ["dropout", "linear"]
    dropout = with_dropout.get_submodule("dropout")
    assert isinstance(dropout, nn.Dropout)
    assert dropout.p == 0.25
    assert [name for name, _ in without.named_children()] == ["linear"]


def test_an_unknown_head_gets_the_known_ones() -> None:
    with pytest.raises(SettingsError) as caught:
        make_head("liner", 4, 1, dropout=0, seed=0)
    assert str(caught.value) == (
        "There is no head 'liner'.\n  where: model.head\n"
        "  what to do: Did you mean 'linear'? Known: linear, logistic_regression."
    )
