"""Heads: what turns a cell's pooled features into logits. A new head is a function here and a line in ``HEADS``."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

import torch
from torch import nn

from leukoscope.errors import SettingsError, nearest
from leukoscope.models.fitted import FittedHead, make_fitted_head
from leukoscope.randomness import integer
from leukoscope.recipes.schema import ModelSettings

START = 0.01

Head = Callable[[int, int, ModelSettings, int], nn.Module]


def linear(features: int, outputs: int, settings: ModelSettings, seed: int) -> nn.Module:
    """Make dropout followed by one linear layer; its bias starts at zero, its weights at N(0, 0.01).

    Small weights let every class start with about the same probability, so that the first steps into a pretrained
    network are small too.

    Args:
        features: Length of the pooled vector.
        outputs: Number of logits.
        settings: Its ``dropout`` is the share of the vector's values that are set to zero in training.
        seed: Seed of the weights.

    Returns:
        A module from (n, features) float32 to (n, outputs) float32.
    """
    layer = nn.Linear(features, outputs)
    generator = torch.Generator().manual_seed(integer(seed, "head"))
    nn.init.normal_(layer.weight, std=START, generator=generator)
    nn.init.zeros_(layer.bias)
    return nn.Sequential(OrderedDict([*_dropout("dropout", settings.dropout), ("linear", layer)]))


def dense(features: int, outputs: int, settings: ModelSettings, seed: int) -> nn.Module:
    """Make dense layers, each followed by ReLU and dropout, and the linear layer that gives the logits.

    Weights start as in Keras, Glorot-uniform with zero biases (Glorot & Bengio 2010), in the last layer too.

    Args:
        features: Length of the pooled vector.
        outputs: Number of logits.
        settings: ``hidden``, the layers' widths; ``dropout`` before the first, ``hidden_dropout`` behind each;
            ``feature_norm``, batch normalisation of the pooled vector before all of it. Each of its values is
            normalised by itself, so that this is the same as normalising each branch of a joint model by itself.
        seed: Seed of the weights.

    Returns:
        A module from (n, features) float32 to (n, outputs) float32.

    Raises:
        SettingsError: no layer has a width.
    """
    if not settings.hidden:
        raise SettingsError(
            "A dense head needs the widths of its layers.", where="model.hidden", do="Set hidden: [256]."
        )
    generator = torch.Generator().manual_seed(integer(seed, "head"))
    norm: list[tuple[str, nn.Module]] = [("norm", nn.BatchNorm1d(features))] if settings.feature_norm else []
    layers, given = norm + _dropout("dropout", settings.dropout), features
    for place, width in enumerate(settings.hidden, start=1):
        layers += [(f"hidden{place}", _glorot(given, width, generator)), (f"act{place}", nn.ReLU())]
        layers += _dropout(f"dropout{place}", settings.hidden_dropout)
        given = width
    return nn.Sequential(OrderedDict([*layers, ("linear", _glorot(given, outputs, generator))]))


def at_once(features: int, outputs: int, settings: ModelSettings, _seed: int) -> nn.Module:
    """Make a head that is fitted at once and is no line, with room for what the fit will find (``models.fitted``).

    Args:
        features: Length of the pooled vector, named measures counted.
        outputs: Number of logits.
        settings: ``head``: svm, forest, mlp or prototypes; ``pca`` and ``measures``.
    """
    return make_fitted_head(features, outputs, settings)


# A logistic regression is a linear layer too; it is fitted at once instead of learnt in steps.
HEADS: dict[str, Head] = {
    "linear": linear,
    "dense": dense,
    "logistic_regression": linear,
    "svm": at_once,
    "forest": at_once,
    "mlp": at_once,
    "prototypes": at_once,
}


def make_head(settings: ModelSettings, features: int, outputs: int, *, seed: int) -> nn.Module:
    """Make the head that a recipe's ``model`` asks for.

    Args:
        settings: Its ``head``, ``hidden``, ``hidden_dropout`` and ``dropout`` count here.
        features: Length of the pooled vector.
        outputs: Number of logits.
        seed: Seed of the weights.

    Raises:
        SettingsError: there is no such head, or a dense one has no width.
    """
    if settings.head not in HEADS:
        raise SettingsError(
            f"There is no head {settings.head!r}.", where="model.head", do=nearest(settings.head, HEADS)
        )
    return HEADS[settings.head](features, outputs, settings, seed)


def is_linear(head: nn.Module) -> bool:
    """Return whether a head is one linear map in evaluation mode, so that logits of a sum are sums of logits."""
    return not any(isinstance(module, nn.ReLU | FittedHead) for module in head.modules())


def _glorot(given: int, width: int, generator: torch.Generator) -> nn.Linear:
    layer = nn.Linear(given, width)
    nn.init.xavier_uniform_(layer.weight, generator=generator)
    nn.init.zeros_(layer.bias)
    return layer


def _dropout(name: str, share: float) -> list[tuple[str, nn.Module]]:
    return [(name, nn.Dropout(share))] if share else []
