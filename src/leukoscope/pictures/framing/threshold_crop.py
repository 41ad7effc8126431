"""``{threshold_crop: exact}``: the cell that is cut out on black, in a square no larger than it needs."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from leukoscope.pictures.conversion import Pixels
from leukoscope.pictures.framing.operator import Operator

LEVEL = 1
"""As published, a pixel belongs to the cell where its grey is above this."""


class ThresholdCrop(Operator):
    """Crop to what is not black, and make it a square with black on both sides of the shorter axis.

    After Baldi & Cioffo 2021, "Classification of B-Cell Lymphoblasts versus Normal Cells": grey, threshold, bounding
    box, square. Where the margin is odd, the smaller half of it is at the top and left. Cells come out in different
    sizes, each filling its square, so a ``resize`` follows; with it, how large a cell was is no longer seen.

    ``exact``: the bounding box of all pixels that are not pure (0, 0, 0). No pixel of the cell is lost, also where it
    touches the border or lies in several pieces. Applied again it changes nothing.

    ``published``°: the bounding box of the first outer contour of the pixels whose grey is above 1, in the order of
    ``cv2.findContours``. That is the piece whose first pixel, row by row from the top left, comes last: OpenCV 4.5 and
    5.0 agree. It need not be the largest: a speck beneath the cell is kept and the cell is lost. Dark pixels of a grey
    of 1 or below are not counted. Followed here without asking OpenCV for its order, so that a newer one changes
    nothing.

    A picture in which nothing is found (black all over) comes back whole, squared.

    ° From the authors' notebooks, not from the report.

    Args:
        rule: ``exact`` or ``published``.

    Example:
        >>> pixels = np.zeros((6, 6, 3), dtype=np.uint8)
        >>> pixels[4, 2:5, 0] = 9
        >>> ThresholdCrop().apply(pixels)[:, :, 0].tolist()
        [[0, 0, 0], [9, 9, 9], [0, 0, 0]]
    """

    name: ClassVar[str] = "threshold_crop"
    rule: Literal["exact", "published"] = Field(
        "exact",
        description="exact: all that is not pure black; published: Baldi & Cioffo's first contour of a grey above 1, "
        "which may be a speck.",
    )

    @property
    def size(self) -> None:
        """None: a square as large as the cell; a resize must follow."""
        return None

    def apply(self, pixels: Pixels) -> Pixels:
        """Return (s, s, 3) uint8: s is the longer side of what was found."""
        left, top, width, height = _RULES[self.rule](pixels)
        if width == 0:
            return _squared(pixels)
        return _squared(pixels[top : top + height, left : left + width])


Box = tuple[int, int, int, int]


def _not_black(pixels: Pixels) -> Box:
    """Return left, top, width and height of what is not pure black; width and height are 0 where all is."""
    left, top, width, height = cv2.boundingRect(np.asarray(pixels.any(axis=2), dtype=np.uint8))
    return left, top, width, height


def _first_contour(pixels: Pixels) -> Box:
    """Return the box of the outer contour that begins last; of no size where nothing is brighter than the level."""
    bright = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)) > LEVEL
    contours, _ = cv2.findContours(bright.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    if not contours:
        return 0, 0, 0, 0
    left, top, width, height = cv2.boundingRect(max(contours, key=_beginning))
    return left, top, width, height


def _beginning(contour: NDArray[Any]) -> tuple[int, int]:
    """Return row and column of the pixel of a contour, (n, 1, 2) int32 as x and y, that is met first row by row."""
    columns, rows = contour[:, 0].T
    top = int(rows.min())
    return top, int(columns[rows == top].min())


_RULES = {"exact": _not_black, "published": _first_contour}


def _squared(pixels: Pixels) -> Pixels:
    height, width, _ = pixels.shape
    side = max(height, width)
    square = np.zeros((side, side, 3), dtype=np.uint8)
    top, left = (side - height) // 2, (side - width) // 2
    square[top : top + height, left : left + width] = pixels
    return square
