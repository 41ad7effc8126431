"""A smear as the search for cells sees it: of one size whatever the camera, softened, and its ground's light known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage.filters import threshold_multiotsu

from leukoscope.pictures.conversion import Pixels
from leukoscope.pictures.optical_density import Mask, Plane

SIDE = 112
"""Px of the shorter side of what is searched: every length of this package is in px of such a picture."""
LONGEST = 8 * SIDE
"""Px of the longer side at most: a strip is squeezed, so that it does not grow without end."""
SOFTENED = 1.0
DARKEST_SHARE, LAMP_SHARE = 2.0, 95.0
BINS = 64
GREENS = 2.5
EOSIN = 0.8

Bits = NDArray[np.uint8]


@dataclass(frozen=True)
class Sight:
    """A smear, shrunk (or grown) so that its shorter side has 112 px, and softened.

    Args:
        green: (h, w) float32, 0 to 255: the channel in which all that is stained is dark.
        purple: (h, w) float32, ``blue - 2.5 green``: high where a nucleus is, whatever the colour of the lamp.
        red_density: (h, w) float32, ``ln((lamp + 1) / (red + 1))``: what red cells hardly have.
        redness: (h, w) float32, the density in green less 0.8 of the one in red: what eosin has and azure has not.
        ground: The ground's level in green: the commonest one among the brighter ones.
        ground_spread: How far the ground's levels lie from it, 1 at least.
        darkest: The level in green that 2 % of the pixels do not exceed.
    """

    green: Plane
    purple: Plane
    red_density: Plane
    redness: Plane
    ground: float
    ground_spread: float
    darkest: float


def sight_of(pixels: Pixels) -> Sight:
    """Return a smear as the search sees it.

    Args:
        pixels: (h, w, 3) uint8, RGB, in the lamp's light.
    """
    return seen(_sized(pixels))


def seen(pixels: Pixels) -> Sight:
    """Return a smear as the search sees it, at the size that it has.

    Args:
        pixels: (h, w, 3) uint8, RGB, in the lamp's light, of the size that lengths are measured in.
    """
    red, green, blue = (_plane(channel) for channel in cv2.split(pixels))
    red_density, green_density = density(red), density(green)
    ground, spread = _ground(green)
    return Sight(
        green=green,
        purple=blue - np.float32(GREENS) * green,
        red_density=red_density,
        redness=green_density - np.float32(EOSIN) * red_density,
        ground=ground,
        ground_spread=spread,
        darkest=float(np.percentile(green, DARKEST_SHARE)),
    )


def cuts(values: Plane, classes: int, least: float) -> list[float]:
    """Return Otsu's thresholds between so many classes; none where the values span less than ``least``.

    Args:
        values: Any shape, float32.
        classes: How many, two at least.
        least: The least difference between the highest and the lowest value.
    """
    low, high = float(values.min()), float(values.max())
    if not high - low >= least:
        return []
    counts, edges = np.histogram(values, BINS, (low, high))
    if np.count_nonzero(counts) < classes:
        return []
    middles = (edges[1:] + edges[:-1]) / 2
    found = threshold_multiotsu(hist=(counts.astype(float), middles), classes=classes)  # type: ignore[no-untyped-call]
    return [float(cut) for cut in found]


def filled(mask: Bits) -> Bits:
    """Return a mask without its holes.

    Args:
        mask: (h, w) uint8, 0 and 1.
    """
    outside = cv2.copyMakeBorder(1 - mask, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=1)
    cv2.floodFill(outside, None, (0, 0), 2)
    return np.asarray(outside[1:-1, 1:-1] != 2, dtype=np.uint8)  # noqa: PLR2004 - what the flood reached


def enlarged(mask: Bits, height: int, width: int) -> Mask:
    """Return a mask of the sight at a picture's own size, with smooth edges.

    Args:
        mask: (h, w) uint8, 0 and 1.
        height: Of the picture.
        width: Of the picture.
    """
    soft = cv2.resize(mask.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(soft > 0.5, dtype=bool)  # noqa: PLR2004 - half


def _sized(pixels: Pixels) -> Pixels:
    height, width = pixels.shape[:2]
    unit = min(height, width) / SIDE
    size = (min(max(round(width / unit), 1), LONGEST), min(max(round(height / unit), 1), LONGEST))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA if unit > 1 else cv2.INTER_LINEAR))


def _plane(channel: NDArray[Any]) -> Plane:
    return np.asarray(cv2.GaussianBlur(channel, (0, 0), SOFTENED), dtype=np.float32)


def density(light: Plane) -> Plane:
    """Return how much light a channel lost, ``ln((lamp + 1) / (light + 1))``, the lamp being its 95th percentile.

    Args:
        light: (h, w) float32, 0 to 255.
    """
    lamp = np.float32(np.percentile(light, LAMP_SHARE))
    return np.asarray(np.log((lamp + np.float32(1)) / (light + np.float32(1))), dtype=np.float32)


def _ground(green: Plane) -> tuple[float, float]:
    """Return the commonest level above the mean, and the spread of what is brighter still, mirrored about it."""
    counts = np.bincount(green.astype(np.uint8).ravel(), minlength=256).astype(np.float32)
    smooth = cv2.GaussianBlur(counts[None], (0, 0), 2).ravel()
    middle = int(green.mean())
    level = float(middle + int(smooth[middle:].argmax()))
    brighter = green[green >= level] - level
    return level, 1 + (float(np.sqrt(np.mean(brighter**2))) if brighter.size else 0.0)
