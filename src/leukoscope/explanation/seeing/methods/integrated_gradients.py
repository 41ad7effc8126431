"""Integrated gradients: from black, where there is no light, to the picture."""

from __future__ import annotations

from captum.attr import IntegratedGradients
from torch import Tensor

from leukoscope.explanation.seeing.methods.method import Asked, Method

STEPS = 16
AT_ONCE = 32


def integrated_gradients(asked: Asked) -> Tensor:
    """Return integrated gradients summed over the colours, (n, h, w) float32, of either sign.

    The straight way from a black picture (no light) to the cell in 16 steps, Gauss and Legendre's: Sundararajan et al.
    2017 (Axiomatic attribution for deep networks, ICML), equation 1. But for the steps the map sums to the logit less
    that of a black picture.
    """
    pixels = asked.pixels.detach().clone().requires_grad_()
    found: Tensor = IntegratedGradients(asked.logit).attribute(
        pixels, baselines=0, n_steps=STEPS, internal_batch_size=max(AT_ONCE, len(pixels))
    )
    return found.sum(dim=1).detach()


def _settings(_height: int, _width: int) -> str:
    return f"{STEPS} steps from a black picture; smoothed on the sheets, nowhere else"


INTEGRATED_GRADIENTS = Method(
    name="integrated_gradients",
    title="Integrated gradients",
    source="Sundararajan et al. 2017",
    of_layer=False,
    meaning="How strongly the light of a pixel speaks for the class, or against it. Black pixels say nothing.",
    maps=integrated_gradients,
    of_light=True,
    speckled=True,
    settings=_settings,
)
