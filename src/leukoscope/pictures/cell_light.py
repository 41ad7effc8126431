"""The light that a cell swallows, pixel by pixel, against the lamp's light that is read off the picture."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from leukoscope.pictures.conversion import Pixels
from leukoscope.pictures.optical_density import CORNER, WHITE, Mask, Plane, densities
from leukoscope.pictures.rim import dark_rim
from leukoscope.pictures.shown_on_black import shown_on_black

BRIGHT = 0.95
"""The lamp's light is the level that this share of the pixels does not exceed."""


@dataclass(frozen=True)
class CellLight:
    """A picture as swallowed light.

    Args:
        lamp: (3,) float32, the lamp's light in red, green and blue, 0 to 255.
        density: (h, w, 3) float32, ``ln((lamp + 1) / (pixel + 1))`` in red, green and blue; 0 where hidden.
        hidden: (h, w) bool, the black background or margin, with the noise that compression leaves in it.
        on_black: Whether the cell is cut out on black; else it lies in a smear, in the lamp's light.
    """

    lamp: NDArray[np.float32]
    density: Plane
    hidden: Mask
    on_black: bool


def cell_light(pixels: Pixels) -> CellLight:
    """Return the light that each pixel swallows: the law of Beer and Lambert.

    Ruifrok & Johnston 2001, Anal Quant Cytol Histol 23:291, say why: densities add up as stains do, levels do not.
    In a smear the lamp's light is the 95th percentile of each channel, and nothing is added to a pixel but the 1 that
    keeps its logarithm finite: ``optical_density`` adds more, against glare, and would flatten dense chromatin. On
    black the lamp cannot be seen and is taken for ``optical_density.WHITE``.

    The background is black, or the margin about a smear is, where the rim is dark (``rim.dark_rim``): neither noise in
    a corner nor a cell that covers one makes a smear of it. Where the rim is light, all four corners must be black.

    Args:
        pixels: (h, w, 3) uint8, RGB.
    """
    hidden, on_black = _background(pixels)
    lamp = np.full(3, WHITE, dtype=np.float32) if on_black else _lamp(pixels, ~hidden)
    return _light(pixels, lamp, hidden, on_black=on_black)


def light_on_black(pixels: Pixels) -> CellLight:
    """Return the light that each pixel swallows where a cell is known to be cut out on black, as ``cell_light`` does.

    Args:
        pixels: (h, w, 3) uint8, RGB; what is pure black is hidden.
    """
    return _light(pixels, np.full(3, WHITE, dtype=np.float32), np.asarray(~pixels.any(axis=2)), on_black=True)


def density_of(light: NDArray[np.float32], lamp: np.float32) -> Plane:
    """Return ``ln((lamp + 1) / (light + 1))``, float32.

    Args:
        light: (h, w) float32, one channel, 0 to 255.
        lamp: The lamp's light in it, 0 to 255.
    """
    return np.asarray(np.log(lamp + np.float32(1)) - cv2.log(light + np.float32(1)), dtype=np.float32)


def _light(pixels: Pixels, lamp: NDArray[np.float32], hidden: Mask, *, on_black: bool) -> CellLight:
    density = _densities(pixels, lamp)
    density[hidden] = 0
    return CellLight(lamp, density, hidden, on_black)


def _densities(pixels: Pixels, lamp: NDArray[np.float32]) -> Plane:
    levels = np.arange(256, dtype=np.float32)[:, None]
    table = np.log((lamp + np.float32(1)) / (levels + np.float32(1)))
    return np.asarray(cv2.LUT(pixels, table[None]), dtype=np.float32)


def _background(pixels: Pixels) -> tuple[Mask, bool]:
    """Return what is hidden, and whether the cell is cut out on black."""
    if dark_rim(pixels):
        return _within_black(pixels)
    if pixels[0, 0].any():  # neither a dark rim nor a black corner: by far the most smears
        return np.zeros(pixels.shape[:2], dtype=bool), False
    seen = densities(pixels)
    if seen is None:
        return np.asarray(~pixels.any(axis=2)), True
    return seen.hidden, seen.on_black


def _within_black(pixels: Pixels) -> tuple[Mask, bool]:
    """Return the same where the rim is dark: a smear with a margin fills a rectangle, a cell does not."""
    shown = shown_on_black(pixels)
    clean = np.asarray(cv2.bitwise_and(pixels, pixels, mask=shown), dtype=np.uint8)
    # A black frame about it: a cell may cover a corner.
    seen = densities(np.pad(clean, ((CORNER, CORNER), (CORNER, CORNER), (0, 0))))
    return shown == 0, seen is None or seen.on_black


def _lamp(pixels: Pixels, shown: Mask) -> NDArray[np.float32]:
    mask = shown.astype(np.uint8)
    counts = [cv2.calcHist([pixels], [channel], mask, [256], [0, 256]).cumsum() for channel in range(3)]
    return np.array([np.searchsorted(count, BRIGHT * count[-1]) for count in counts], dtype=np.float32)
