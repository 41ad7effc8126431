"""Grad-CAM: a layer's channels, each weighted by the mean of its gradient."""

from __future__ import annotations

from captum.attr import LayerGradCam
from torch import Tensor

from leukoscope.explanation.seeing.methods.method import Asked, Method


def grad_cam(asked: Asked) -> Tensor:
    """Return Grad-CAM, (n, h', w') float32, 0 or above.

    ``relu(sum over channels of a_c A_c)`` with ``a_c`` the mean of the logit's gradient over the places of channel
    ``A_c``: Selvaraju et al. 2017 (Grad-CAM, ICCV), equations 1 and 2, at the layer's own resolution and not rescaled.
    """
    found: Tensor = LayerGradCam(asked.logit, asked.layer_given).attribute(asked.pixels, relu_attributions=True)
    return found[:, 0].detach()


GRAD_CAM = Method(
    name="grad_cam",
    title="Grad-CAM",
    source="Selvaraju et al. 2017",
    of_layer=True,
    meaning="How strongly a place speaks for the class; what speaks against it is left out.",
    maps=grad_cam,
)
