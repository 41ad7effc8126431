"""Gradient times activation, summed over channels: HiResCAM."""

from __future__ import annotations

from captum.attr import LayerGradientXActivation
from torch import Tensor

from leukoscope.explanation.seeing.methods.method import Asked, Method


def gradient_times_activation(asked: Asked) -> Tensor:
    """Return gradient times activation, (n, h', w') float32, of either sign.

    ``sum over channels of (dlogit/dA_c) A_c``, place by place: HiResCAM (Draelos & Carin 2020, arXiv 2011.08891). Where
    only average pooling or flattening and one linear layer follow, the map sums to the logit without its bias.
    """
    found: Tensor = LayerGradientXActivation(asked.logit, asked.layer_given).attribute(asked.pixels)
    return found.sum(dim=1).detach()


GRADIENT_TIMES_ACTIVATION = Method(
    name="gradient_times_activation",
    title="Gradient times activation",
    source="HiResCAM, Draelos & Carin 2020",
    of_layer=True,
    meaning="How strongly a place speaks for the class, or against it.",
    maps=gradient_times_activation,
)
