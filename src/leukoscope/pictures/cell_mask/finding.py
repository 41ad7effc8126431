"""The cells of a picture: in a smear or on black, one or several."""

from __future__ import annotations

import numpy as np

from leukoscope.pictures.cell_mask.background import background_of
from leukoscope.pictures.cell_mask.contour import contour_of
from leukoscope.pictures.cell_mask.mask import CellMask
from leukoscope.pictures.cell_mask.nuclei import Nuclei, nuclei_of
from leukoscope.pictures.cell_mask.on_black import cells_on_black, nucleus_on_black
from leukoscope.pictures.cell_mask.sight import Sight, enlarged, sight_of
from leukoscope.pictures.cell_mask.touching import left_to
from leukoscope.pictures.conversion import Pixels
from leukoscope.pictures.optical_density import Mask


def cell_mask(pixels: Pixels) -> CellMask:
    """Return the mask of the cell in the middle of a smear, or of the largest one that is cut out on black.

    In a smear a nucleus is found by colour (``nuclei``), and about it the cell's outline (``contour``), which leaves
    out red cells and, by a watershed, other nucleated cells that touch it (``touching``). On black the cell is the
    largest piece of what is not black, without holes, and the nucleus its dark part. Of several cells in a smear it is
    the one whose nucleus is nearest to the middle; of two on black the larger one (of two that hang together, both).
    The background is black where the rim is dark (``rim.dark_rim``); a JPEG's noise is black, too.

    Where no nucleus is found (an all-white picture, an empty field, red cells only), and in an all-black picture, both
    masks are empty and ``found`` is false. On black the nucleus of a found cell may be empty.

    Args:
        pixels: (h, w, 3) uint8, RGB, of any size from 1 x 1 on; a cell as large as in a picture cut about it (a quarter
            of the shorter side or more), not a whole field.

    Example:
        >>> picture = np.zeros((60, 60, 3), np.uint8)
        >>> picture[20:40, 25:45] = (120, 60, 130)
        >>> found = cell_mask(picture)
        >>> found.found, int(found.cell.sum()), bool((found.nucleus & ~found.cell).any())
        (True, 400, False)
    """
    return next(iter(_masks(pixels, several=False)), _nothing(pixels))


def cell_masks(pixels: Pixels) -> list[CellMask]:
    """Return the masks of all cells of a picture, ``cell_mask``'s first; none where there is no cell.

    No two of them share a pixel. In a smear each has a nucleus of its own; on black each is a piece by itself, at least
    a tenth of the largest one: cells that hang together there are not divided.

    Args:
        pixels: (h, w, 3) uint8, RGB.
    """
    return _masks(pixels, several=True)


def _masks(pixels: Pixels, *, several: bool) -> list[CellMask]:
    clear, on_black = background_of(pixels)
    if on_black:
        cells = cells_on_black(pixels)
        return [CellMask(cell, nucleus_on_black(pixels, cell), found=True) for cell in cells[: None if several else 1]]
    sight = sight_of(clear)
    nuclei = nuclei_of(sight)
    count = len(nuclei.groups) if several else min(len(nuclei.groups), 1)
    return _apart([_in_smear(sight, nuclei, number, pixels.shape[:2]) for number in range(count)])


def _in_smear(sight: Sight, nuclei: Nuclei, number: int, shape: tuple[int, int]) -> CellMask:
    cell = left_to(contour_of(sight, nuclei, number), nuclei, number)
    whole = enlarged(cell, *shape)
    nucleus = enlarged(nuclei.groups[number].astype(np.uint8), *shape) & whole
    return CellMask(whole, nucleus, found=bool(nucleus.any()))


def _apart(masks: list[CellMask]) -> list[CellMask]:
    """Return the masks without what an earlier one holds, and without those that are lost in a tiny picture."""
    taken: Mask | None = None
    apart = []
    for mask in masks:
        cell = mask.cell if taken is None else mask.cell & ~taken
        nucleus = mask.nucleus & cell
        if nucleus.any():
            apart.append(CellMask(cell, nucleus, found=True))
            taken = cell if taken is None else taken | cell
    return apart


def _nothing(pixels: Pixels) -> CellMask:
    nothing = np.zeros(pixels.shape[:2], dtype=bool)
    return CellMask(nothing, nothing.copy(), found=False)
