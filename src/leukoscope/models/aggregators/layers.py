"""Linear layers whose random weights come from a generator, never from torch's own state."""

from __future__ import annotations

import torch
from torch import nn

from leukoscope.randomness import integer


def generator_of(seed: int) -> torch.Generator:
    """Return the generator that an aggregator draws its weights from."""
    return torch.Generator().manual_seed(integer(seed, "aggregator"))


def linear(inputs: int, outputs: int, generator: torch.Generator, *, bias: bool = True) -> nn.Linear:
    """Make a linear layer with Glorot's uniform weights and a bias of zero.

    Args:
        inputs: Length of what comes in.
        outputs: Length of what goes out.
        generator: Where the weights come from.
        bias: Whether there is one.
    """
    # skip_init: the layer's own start would draw from torch's global state.
    layer: nn.Linear = nn.utils.skip_init(nn.Linear, inputs, outputs, bias=bias)  # type: ignore[no-untyped-call]
    nn.init.xavier_uniform_(layer.weight, generator=generator)
    if bias:
        nn.init.zeros_(layer.bias)
    return layer
