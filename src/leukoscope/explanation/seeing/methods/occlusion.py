"""Occlusion: what the logit loses when a square of the picture is covered with black."""

from __future__ import annotations

from captum.attr import Occlusion
from torch import Tensor

from leukoscope.explanation.seeing.methods.method import Asked, Method

WINDOWS, STRIDES = 4, 8
"""A window's side is this part of the picture's shorter side; so is the stride."""
AT_ONCE = 32


def window_and_stride(height: int, width: int) -> tuple[int, int]:
    """Return the side of the square that is covered, and how far it moves, in px.

    Example:
        >>> window_and_stride(112, 112), window_and_stride(3, 5)
        ((28, 14), (1, 1))
    """
    side = min(height, width)
    return max(side // WINDOWS, 1), max(side // STRIDES, 1)


def occlusion(asked: Asked) -> Tensor:
    """Return what covering takes from the logit, (n, h, w) float32; the mean over the squares that cover a pixel.

    Zeiler & Fergus 2014 (Visualizing and understanding convolutional networks, ECCV), section 4.2, with black instead
    of grey: black is no light, and the background of cells that are cut out.
    """
    height, width = asked.pixels.shape[-2:]
    window, stride = window_and_stride(height, width)
    found: Tensor = Occlusion(asked.logit).attribute(
        asked.pixels,
        sliding_window_shapes=(3, window, window),
        strides=(3, stride, stride),
        baselines=0,
        perturbations_per_eval=max(AT_ONCE // len(asked.pixels), 1),
    )
    return found[:, 0].detach()  # all colours are covered together, so they hold the same


def _settings(height: int, width: int) -> str:
    window, stride = window_and_stride(height, width)
    return f"squares of {window} px, every {stride} px, covered with black"


OCCLUSION = Method(
    name="occlusion",
    title="Occlusion",
    source="Zeiler & Fergus 2014",
    of_layer=False,
    meaning="How much the answer for the class loses when the spot about a pixel is covered, or gains.",
    maps=occlusion,
    settings=_settings,
)
