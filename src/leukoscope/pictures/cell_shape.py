"""The shape of the cell in a picture: area, solidity, circularity, brightness, and whether the border cuts it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from skimage.measure import find_contours
from skimage.morphology import convex_hull_image

from leukoscope.pictures.cell_light import cell_light
from leukoscope.pictures.cell_outline import outline_cell
from leukoscope.pictures.conversion import Pixels
from leukoscope.pictures.optical_density import Mask

SOFTENED, ROOM, HALF = 1.5, 8, 0.5
ROUNDEST = 2.0
"""Of a few pixels no outline is left, and 4 pi area / perimeter^2 has no bound."""


@dataclass(frozen=True)
class CellShape:
    """What the outline of a cell is like.

    Args:
        area: In pixels.
        brightness: Mean grey of the cell, 0 to 255 (ITU-R BT.601).
        background_share: Share of the picture that is not the cell, 0 to 1.
        solidity: Area by the area of the convex hull, 0 to 1: 1 has no dent.
        circularity: 4 pi area / perimeter^2: a disc has 1, a square 0.79, what is long or jagged less.
        touches_border: Whether the cell reaches the picture's first or last row or column, where it may be cut.
    """

    area: int
    brightness: float
    background_share: float
    solidity: float
    circularity: float
    touches_border: bool


def cell_shape(pixels: Pixels) -> CellShape | None:
    """Return the shape of the cell in a picture; None where no cell is found.

    Args:
        pixels: (h, w, 3) uint8, RGB.

    Example:
        >>> picture = np.zeros((40, 40, 3), np.uint8)
        >>> picture[10:30, 15:25] = 120
        >>> found = cell_shape(picture)
        >>> found.area, found.solidity, found.touches_border
        (200, 1.0, False)
    """
    mask = whole_cell(pixels)
    if mask is None:
        return None
    area = int(mask.sum())
    return CellShape(
        area=area,
        brightness=float(cv2.mean(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), mask.astype(np.uint8))[0]),
        background_share=1 - area / mask.size,
        solidity=solidity(mask),
        circularity=circularity(mask),
        touches_border=touches_border(mask),
    )


def whole_cell(pixels: Pixels) -> Mask | None:
    """Return where the cell lies, (h, w) bool; None where no cell is found.

    On a black background it is the largest piece of what is not black; in a smear the outline of ``cell_outline``.

    Args:
        pixels: (h, w, 3) uint8, RGB.
    """
    light = cell_light(pixels)
    if light.on_black:
        return _largest(~light.hidden)
    outline = outline_cell(pixels, light)
    return outline.cell if outline.found else None


def solidity(mask: Mask) -> float:
    """Return area by the area of the convex hull, 0 to 1; scikit-image draws the hull about the pixels' edges.

    Args:
        mask: (h, w) bool, not empty.
    """
    return int(mask.sum()) / int(convex_hull_image(_boxed(mask)).sum())  # type: ignore[no-untyped-call]


def circularity(mask: Mask) -> float:
    """Return ``4 pi area / perimeter^2``, 2 at most.

    The perimeter is the length of the outline at half height of the softened mask: steps from pixel to pixel would make
    a disc's 5 % too long, and its circularity 0.91.

    Args:
        mask: (h, w) bool, not empty.
    """
    padded = np.pad(_boxed(mask).astype(np.float32), ROOM)
    softened = cv2.GaussianBlur(padded, (0, 0), SOFTENED)
    outlines = find_contours(softened, HALF)  # type: ignore[no-untyped-call]
    lengths = [float(np.hypot(*np.diff(outline, axis=0).T).sum()) for outline in outlines]
    return min(4 * math.pi * int(mask.sum()) / max([1.0, *lengths]) ** 2, ROUNDEST)


def touches_border(mask: Mask) -> bool:
    """Return whether a mask reaches the first or last row or column.

    Args:
        mask: (h, w) bool.
    """
    return bool(mask[[0, -1]].any() or mask[:, [0, -1]].any())


def _boxed(mask: Mask) -> Mask:
    left, top, width, height = cv2.boundingRect(mask.astype(np.uint8))
    return mask[top : top + height, left : left + width]


def _largest(shown: Mask) -> Mask | None:
    _, parts, stats, _ = cv2.connectedComponentsWithStats(shown.astype(np.uint8), connectivity=8)
    if len(stats) == 1:
        return None
    return np.asarray(parts == 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax()))
