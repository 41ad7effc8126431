"""``{center_crop: 300}``: the square (or [height, width]) in the middle."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from pydantic import Field

from leukoscope.pictures.conversion import Pixels
from leukoscope.pictures.framing.operator import Operator, Sides, Size, height_and_width


class CenterCrop(Operator):
    """Keep the middle of a picture; a picture that is smaller is set in the middle of black.

    Where the margin is odd, the smaller half is cut (or added) at the top and left.

    Args:
        side: Side of the square in pixels, or [height, width].

    Example:
        >>> CenterCrop(side=2).apply(np.arange(48, dtype=np.uint8).reshape(4, 4, 3))[:, :, 0].tolist()
        [[15, 18], [27, 30]]
    """

    name: ClassVar[str] = "center_crop"
    side: Sides = Field(description="Side of the middle square in pixels, or [height, width].")

    @property
    def size(self) -> Size:
        """Height and width that come out."""
        return height_and_width(self.side)

    def apply(self, pixels: Pixels) -> Pixels:
        """Return (height, width, 3) uint8."""
        framed = np.zeros((*self.size, 3), dtype=np.uint8)
        places = [_middle(had, wanted) for had, wanted in zip(pixels.shape[:2], self.size, strict=True)]
        (rows, into_rows), (columns, into_columns) = places
        framed[into_rows, into_columns] = pixels[rows, columns]
        return framed


def _middle(had: int, wanted: int) -> tuple[slice, slice]:
    kept = min(had, wanted)
    start, into = (had - kept) // 2, (wanted - kept) // 2
    return slice(start, start + kept), slice(into, into + kept)
