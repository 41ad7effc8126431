"""Whether the cells of a picture are cut out on black, lie in a smear, or in a smear with a black margin."""

from __future__ import annotations

import cv2
import numpy as np

from leukoscope.pictures.cell_light import cell_light
from leukoscope.pictures.cell_mask.on_black import shown_on_black, small
from leukoscope.pictures.conversion import Pixels
from leukoscope.pictures.optical_density import CORNER
from leukoscope.pictures.rim import dark_rim


def background_of(pixels: Pixels) -> tuple[Pixels, bool]:
    """Return the picture, black margins about a smear in the lamp's light; and whether its cells are cut out on black.

    Where the rim is dark, what is not black decides: a smear with a margin fills a rectangle, a cell does not. Where it
    is not, black corners are looked at as ``cell_light`` does.

    Args:
        pixels: (h, w, 3) uint8, RGB.
    """
    if dark_rim(pixels):
        return _within_black(pixels)
    if pixels[0, 0].any():  # neither a dark rim nor a black corner: by far the most smears
        return pixels, False
    light = cell_light(small(pixels))
    return (pixels, True) if light.on_black else (_lit(pixels, light.lamp), False)


def _within_black(pixels: Pixels) -> tuple[Pixels, bool]:
    shown = shown_on_black(pixels)
    clean = np.asarray(cv2.bitwise_and(pixels, pixels, mask=shown), dtype=np.uint8)
    # A black frame about it: a cell may cover a corner.
    light = cell_light(np.pad(small(clean), ((CORNER, CORNER), (CORNER, CORNER), (0, 0))))
    return (pixels, True) if light.on_black else (_lit(clean, light.lamp), False)


def _lit(pixels: Pixels, lamp: np.ndarray) -> Pixels:
    """Return a picture with the lamp's light, (3,), where it was pure black."""
    lit = pixels.copy()
    lit[cv2.inRange(pixels, (0, 0, 0), (0, 0, 0)) > 0] = lamp.astype(np.uint8)
    return lit
