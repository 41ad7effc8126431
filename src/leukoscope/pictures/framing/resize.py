"""``{resize: 128}``: another number of pixels for the same view."""

from __future__ import annotations

from typing import ClassVar

import cv2
import numpy as np
from pydantic import Field

from leukoscope.pictures.conversion import Pixels
from leukoscope.pictures.framing.operator import Operator, Sides, Size, height_and_width


class Resize(Operator):
    """Bring a picture to a fixed size; the proportions are not kept where it is not square (crop first).

    What shrinks is averaged over areas (no aliasing), what grows is interpolated linearly; where one side shrinks and
    the other grows, in that order.

    Args:
        to: Side of the square in pixels, or [height, width].
    """

    name: ClassVar[str] = "resize"
    to: Sides = Field(description="Side of the resulting square in pixels, or [height, width].")

    @property
    def size(self) -> Size:
        """Height and width that come out."""
        return height_and_width(self.to)

    def apply(self, pixels: Pixels) -> Pixels:
        """Return (height, width, 3) uint8."""
        smaller = tuple(min(had, wanted) for had, wanted in zip(pixels.shape[:2], self.size, strict=True))
        if smaller != pixels.shape[:2]:
            pixels = np.asarray(cv2.resize(pixels, smaller[::-1], interpolation=cv2.INTER_AREA))
        if smaller != self.size:
            pixels = np.asarray(cv2.resize(pixels, self.size[::-1], interpolation=cv2.INTER_LINEAR))
        return pixels
