"""Colours and edges of a picture in sixteen numbers, whatever the network."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

SCALES = (1, 2, 4)
PAIRS = ((0, 1), (0, 2), (1, 2))
LEAST = 1e-3
NUMBERS = 16


def picture_look(pixels: Tensor) -> Tensor:
    """Return what can be said of pictures without a network.

    Args:
        pixels: (n, 3, h, w) float, RGB, 0 to 1; 8 px or more high and wide.

    Returns:
        (n, 16): mean and deviation of red, green and blue; the mean step from a pixel to the next, down and to the
            right, of the grey picture at full, half and quarter size; the mean saturation (largest less smallest
            channel); how the channels go together (their correlations).

    Example:
        >>> picture_look(torch.full((1, 3, 8, 8), 0.5))[0, :3].tolist()
        [0.5, 0.5, 0.5]
    """
    flat = pixels.flatten(2)
    mean, deviation = flat.mean(dim=2), flat.std(dim=2, correction=0)
    alike = (flat - mean[:, :, None]) / (deviation[:, :, None] + LEAST)
    together = torch.stack([(alike[:, one] * alike[:, other]).mean(dim=1) for one, other in PAIRS], dim=1)
    saturation = (pixels.amax(dim=1) - pixels.amin(dim=1)).mean(dim=(1, 2))[:, None]
    return torch.cat([mean, deviation, _steps(pixels.mean(dim=1, keepdim=True)), saturation, together], dim=1)


def _steps(grey: Tensor) -> Tensor:
    """Return the mean steps of grey pictures, (n, 1, h, w), at each scale: (n, 6)."""
    smaller = [grey if scale == 1 else functional.avg_pool2d(grey, scale) for scale in SCALES]
    found = [one.diff(dim=dim).abs().mean(dim=(1, 2, 3)) for one in smaller for dim in (2, 3)]
    return torch.stack(found, dim=1)
