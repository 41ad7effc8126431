"""Cells that are cut out on black: every piece of what is not black is one."""

from __future__ import annotations

import cv2
import numpy as np

from leukoscope.pictures.cell_light import light_on_black
from leukoscope.pictures.cell_mask.sight import LONGEST, SIDE, enlarged, filled
from leukoscope.pictures.cell_outline import outline_cell
from leukoscope.pictures.conversion import Pixels
from leukoscope.pictures.optical_density import Mask
from leukoscope.pictures.shown_on_black import shown_on_black

CRUMB = 0.1
"""Pieces of less than this share of the largest one are crumbs of its cutting."""
ALL = 0.95
"""A nucleus that takes up this share of its cell takes up all of it: the rest is lost in smoothing."""


def small(pixels: Pixels) -> Pixels:
    """Return every so many-th pixel of a picture, (h, w, 3), 112 px the shorter side: what is black stays black.

    Args:
        pixels: (h, w, 3) uint8, RGB; one of less than 112 px is returned as it is.
    """
    height, width = pixels.shape[:2]
    unit = min(height, width) / SIDE
    if unit <= 1:
        return pixels
    size = (min(round(width / unit), LONGEST), min(round(height / unit), LONGEST))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_NEAREST))


def cells_on_black(pixels: Pixels) -> list[Mask]:
    """Return where the cells are, (h, w) bool each, without holes: the largest first; none in a black picture.

    Args:
        pixels: (h, w, 3) uint8, RGB.
    """
    _, labels, stats, _ = cv2.connectedComponentsWithStats(shown_on_black(pixels), connectivity=8)
    areas = stats[1:, cv2.CC_STAT_AREA]
    largest_first = np.argsort(-areas, kind="stable")
    cells = [int(place) + 1 for place in largest_first if areas[place] >= CRUMB * areas.max()]
    return [filled((labels == cell).astype(np.uint8)) > 0 for cell in cells]


def nucleus_on_black(pixels: Pixels, cell: Mask) -> Mask:
    """Return the nucleus of a cell, (h, w) bool: its dark part; all of it where it is evenly dark; may be empty.

    Args:
        pixels: (h, w, 3) uint8, RGB.
        cell: (h, w) bool.
    """
    alone = small(np.asarray(cv2.bitwise_and(pixels, pixels, mask=cell.astype(np.uint8))))
    shown = int(alone.any(axis=2).sum())
    outline = outline_cell(alone, light_on_black(alone))
    if not shown or not outline.found:
        return np.zeros_like(cell)
    if int(outline.nucleus.sum()) >= ALL * shown:
        return cell.copy()
    return enlarged(outline.nucleus.astype(np.uint8), *cell.shape) & cell
