"""Another activation in a finished network."""

from __future__ import annotations

from torch import nn

SLOPE = 0.3
"""Keras's default slope of leaky ReLU; PyTorch's own is 0.01."""


class LeakyReLU(nn.LeakyReLU):
    """A leaky ReLU that was put in the place of a ReLU; one that a network was published with is torch's."""


def use_leaky_relu(net: nn.Module) -> None:
    """Put a leaky ReLU in the place of each ReLU of a network, which has no weights and so changes none.

    A network that has none (EfficientNet's SiLU, a transformer's GELU) stays as it is.

    Args:
        net: The network, changed in place.
    """
    places = [
        (parent, child)
        for parent in net.modules()
        for child, module in parent.named_children()
        if isinstance(module, nn.ReLU)
    ]
    for parent, child in places:
        setattr(parent, child, LeakyReLU(SLOPE, inplace=True))


def leaky_slopes(net: nn.Module) -> list[tuple[str, float]]:
    """Return the name and slope of each leaky ReLU that ``use_leaky_relu`` put into a network, in order.

    Args:
        net: The network; none are found in one that was left as it is.
    """
    return [(name, module.negative_slope) for name, module in net.named_modules() if isinstance(module, LeakyReLU)]
