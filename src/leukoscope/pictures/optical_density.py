"""How much of the lamp's light each pixel swallows, and which pixels are stained: what stain normalisation sees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from leukoscope.pictures.conversion import Pixels

WHITE = 245.0
"""What the lamp's light becomes in red, green and blue (0 to 255); what it is taken for where it cannot be seen."""
BETA = 0.15
"""A pixel of a smear is stained from this mean density on (Macenko et al. 2009, there for each channel)."""
GLARE = 8.0
"""Added to pixel and lamp before the logarithm: else the last levels above 0 would make up most of the range."""
DIM = 16
"""On black, a pixel that has no channel above this is the edge of the cutting or noise of compression: not stained."""
LEAST = 64
"""With fewer stained pixels nothing can be said of the stain."""
CORNER = 4

Plane = NDArray[np.float32]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Densities:
    """A picture as absorbed light.

    Args:
        density: (h, w, 3) float32, ``ln((lamp + 8) / (pixel + 8))`` in red, green and blue; 0 is the lamp's light.
        stained: (h, w) bool, what enters the statistics.
        weight: (h, w) float32 in [0, 1], how far a pixel is to be changed: 0 for background, 1 for what is stained.
            It rises steadily between the two, so that no fringe comes about.
        hidden: (h, w) bool, the black background and black margins: pure black, and to remain so.
        on_black: Whether the cell is cut out on black; else it lies in a smear, in the lamp's light.
    """

    density: Plane
    stained: Mask
    weight: Plane
    hidden: Mask
    on_black: bool


def densities(pixels: Pixels) -> Densities | None:
    """Return the densities of a picture; None where fewer than 64 pixels are stained (blank, black, uniform, tiny).

    The background is black where the picture's four corners (4 x 4 pixels) are, as in the table of pictures. Where what
    is not black fills a whole rectangle, the black is but a margin about a smear, and the smear is what counts.

    In a smear the lamp's light is the median colour of the pixels within 5 % of the 95th percentile of green. On black
    it cannot be seen and is taken for ``WHITE``.

    Args:
        pixels: (h, w, 3) uint8, RGB.
    """
    black = cv2.inRange(pixels, (0, 0, 0), (0, 0, 0)) > 0
    framed_in_black = all(_corners(black))
    hidden = black if framed_in_black else np.zeros_like(black)
    if hidden.all():
        return None
    on_black = framed_in_black and any(_corners(_box(hidden)))
    density = _density(pixels, np.full(3, WHITE) if on_black else _lamp(pixels, (~hidden).astype(np.uint8)))
    strength, least = (_brightest(pixels), DIM) if on_black else (_mean(density), BETA)
    stained = (strength > least) & ~hidden
    if np.count_nonzero(stained) < LEAST:
        return None
    # Half the mean density of what is stained: a red cell's pale middle is changed in part, the background not at all.
    whole = np.float32(DIM if on_black else 0.5 * strength[stained].mean())
    return Densities(density, stained, np.clip(strength / whole, 0, 1), hidden, on_black)


def colours(density: Plane, hidden: Mask) -> Pixels:
    """Return the picture that has these densities in a light of ``WHITE``; what is hidden is pure black.

    Args:
        density: (h, w, 3) float32.
        hidden: (h, w) bool.

    Returns:
        (h, w, 3) uint8, RGB.
    """
    light = np.float32(WHITE + GLARE) * cv2.exp(-density) - np.float32(GLARE)
    return finished(light, hidden)


def finished(light: NDArray[Any], hidden: Mask) -> Pixels:
    """Return (h, w, 3) values around 0 to 255 as a picture, rounded, pure black where ``hidden``."""
    # OpenCV rounds and keeps to 0 .. 255 in one go.
    pixels = np.asarray(cv2.add(light, np.zeros(4), dtype=cv2.CV_8U), dtype=np.uint8)
    if hidden.any():
        pixels[hidden] = 0
    return pixels


def _density(pixels: Pixels, lamp: NDArray[np.float64]) -> Plane:
    levels = np.arange(256, dtype=np.float64)[:, None]
    table = np.log((lamp + GLARE) / (levels + GLARE)).astype(np.float32)
    return np.asarray(cv2.LUT(pixels, table[None]), dtype=np.float32)


def _mean(density: Plane) -> Plane:
    return np.asarray(cv2.transform(density, np.full((1, 3), 1 / 3, dtype=np.float32)), dtype=np.float32)


def _brightest(pixels: Pixels) -> Plane:
    red, green, blue = cv2.split(pixels)
    return np.asarray(cv2.max(cv2.max(red, green), blue), dtype=np.float32)


def _lamp(pixels: Pixels, shown: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return the median colour of the bright pixels among those that are shown."""
    green = cv2.extractChannel(pixels, 1)
    bright = shown * (green >= 0.95 * _level(green, shown, 0.95))
    return np.array([_level(channel, bright, 0.5) for channel in cv2.split(pixels)], dtype=np.float64)


def _level(channel: NDArray[Any], shown: NDArray[np.uint8], share: float) -> int:
    """Return the lowest level (0 to 255) that this share of the shown pixels does not exceed."""
    counts = cv2.calcHist([channel], [0], shown, [256], [0, 256]).cumsum()
    return int(np.searchsorted(counts, share * counts[-1]))


def _corners(black: Mask) -> list[bool]:
    ends = (slice(None, CORNER), slice(-CORNER, None))
    return [bool(black[rows, columns].all()) for rows in ends for columns in ends]


def _box(hidden: Mask) -> Mask:
    left, top, width, height = cv2.boundingRect((~hidden).astype(np.uint8))
    return hidden[top : top + height, left : left + width]
