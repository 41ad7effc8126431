"""What is shown of a picture on black: all but the black, and but the noise that compression leaves in it."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from leukoscope.pictures.conversion import Pixels
from leukoscope.pictures.optical_density import DIM


def shown_on_black(pixels: Pixels) -> NDArray[np.uint8]:
    """Return what is not black, (h, w) uint8, 0 and 1.

    Levels up to 16 are noise of compression, except beside a higher one: there they are a cell's soft edge. So a JPEG's
    noise is left out but for a rim of 1 px, and a clean picture loses nothing (not a pixel of 178 of C-NMC).

    Args:
        pixels: (h, w, 3) uint8, RGB.
    """
    above = cv2.inRange(pixels, (0, 0, 0), (DIM, DIM, DIM)) == 0
    beside = cv2.dilate(above.astype(np.uint8), np.ones((3, 3), np.uint8))
    beside[cv2.inRange(pixels, (0, 0, 0), (0, 0, 0)) > 0] = 0
    return np.asarray(beside, dtype=np.uint8)
