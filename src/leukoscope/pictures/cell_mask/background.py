"""Whether the cells of a picture are cut out on black, lie in a smear, or in a smear with a black margin."""

from __future__ import annotations

import cv2
import numpy as np

from leukoscope.pictures.cell_light import cell_light
from leukoscope.pictures.cell_mask.on_black import small
from leukoscope.pictures.conversion import Pixels
from leukoscope.pictures.rim import dark_rim
from leukoscope.pictures.shown_on_black import shown_on_black


def background_of(pixels: Pixels) -> tuple[Pixels, bool]:
    """Return the picture, black margins about a smear in the lamp's light; and whether its cells are cut out on black.

    ``cell_light`` tells the two apart, of a small copy; noise that is black all but in name is taken away before.

    Args:
        pixels: (h, w, 3) uint8, RGB.
    """
    clean = pixels
    if dark_rim(pixels):
        clean = np.asarray(cv2.bitwise_and(pixels, pixels, mask=shown_on_black(pixels)), dtype=np.uint8)
    elif pixels[0, 0].any():  # neither a dark rim nor a black corner: by far the most smears
        return pixels, False
    light = cell_light(small(clean))
    return (pixels, True) if light.on_black else (_lit(clean, light.lamp), False)


def _lit(pixels: Pixels, lamp: np.ndarray) -> Pixels:
    """Return a picture with the lamp's light, (3,), where it was pure black."""
    lit = pixels.copy()
    lit[cv2.inRange(pixels, (0, 0, 0), (0, 0, 0)) > 0] = lamp.astype(np.uint8)
    return lit
