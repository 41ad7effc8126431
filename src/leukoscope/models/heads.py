"""Heads: what turns a cell's pooled features into logits. A new head is a function here and a line in ``HEADS``."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

import torch
from torch import nn

from leukoscope.errors import SettingsError, nearest
from leukoscope.randomness import integer

START = 0.01


def linear(features: int, outputs: int, dropout: float, seed: int) -> nn.Module:
    """Make dropout followed by one linear layer; its bias starts at zero, its weights at N(0, 0.01).

    Small weights let every class start with about the same probability, so that the first steps into a pretrained
    network are small too.

    Args:
        features: Length of the pooled vector.
        outputs: Number of logits.
        dropout: Share of the vector's values that are set to zero in training, 0 to below 1.
        seed: Seed of the weights.

    Returns:
        A module from (n, features) float32 to (n, outputs) float32.
    """
    layer = nn.Linear(features, outputs)
    generator = torch.Generator().manual_seed(integer(seed, "head"))
    nn.init.normal_(layer.weight, std=START, generator=generator)
    nn.init.zeros_(layer.bias)
    layers = [("dropout", nn.Dropout(dropout))] if dropout else []
    return nn.Sequential(OrderedDict([*layers, ("linear", layer)]))


# A logistic regression is a linear layer too; it is fitted at once instead of learnt in steps.
HEADS: dict[str, Callable[[int, int, float, int], nn.Module]] = {"linear": linear, "logistic_regression": linear}


def make_head(name: str, features: int, outputs: int, *, dropout: float, seed: int) -> nn.Module:
    """Make a head by its name.

    Raises:
        SettingsError: there is no such head.
    """
    if name not in HEADS:
        raise SettingsError(f"There is no head {name!r}.", where="model.head", do=nearest(name, HEADS))
    return HEADS[name](features, outputs, dropout, seed)
