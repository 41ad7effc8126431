"""``{otsu_hull: published}``: the cell by Otsu's threshold, and the box about its convex hull (Liu & Long 2019)."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import BeforeValidator, Field

from leukoscope.pictures.conversion import Pixels
from leukoscope.pictures.framing.operator import Operator
from leukoscope.pictures.rim import dark_rim

SQUARE: NDArray[np.uint8] = np.ones((3, 3), dtype=np.uint8)
"""What erosion takes away with: a pixel stays where all its eight neighbours are of the cell, too."""

Bits = NDArray[np.uint8]


def _named(value: object) -> object:
    return "stretch" if value == "published" else value


class OtsuHull(Operator):
    """Find the cell by Otsu's threshold, and crop to the box about its convex hull: the cell is in the middle.

    After Liu & Long 2019, "Acute lymphoblastic leukemia cells image analysis with deep bagging ensemble learning"
    (bioRxiv 580852): grey, Otsu's threshold, erosion, convex hull, crop with the cell in the middle, resize. A
    ``resize`` follows here, too, since boxes are of different sizes; with it, how large a cell was is no longer seen.

    Otsu's threshold is that of the whole picture's grey. What lies above it (below it on a light background) is eroded
    with squares of 3 x 3 pixels; what lies beyond the picture's edge does not erode. Pieces that hang together, also by
    corners, are the regions.

    Erosion takes a rim of one pixel off each cell, and dark pixels of a cell on black can lie below the threshold: the
    crop may lose some. ``threshold_crop: exact`` loses none on black. In a smear red cells are found with the rest:
    ``region: middle`` keeps to the cell in the middle, with whatever touches it.

    Where nothing is found (one grey all over: all black, all white; or erosion leaves nothing), the picture comes back
    whole, and nothing in it is blanked.

    Args:
        aspect: ``stretch`` (also written ``published``): the box as it is, so that the resize stretches it; ``keep``:
            a square about the box's middle, as large as the box's longer side. It shows the picture; beyond the
            picture's edge it is black. Where the margin is odd, the smaller half of it is at the top and left.
        outside: ``keep`` what lies outside the hull, or ``blank`` it: pure black, on any background.
        background: ``dark`` (C-NMC's black), ``light`` (a smear); ``auto``: dark where the median grey of the
            outermost pixels is below 32.
        region: of several regions the ``largest`` (of equals the first, row by row), the one nearest to the picture's
            ``middle`` by its nearest pixel (of equals the larger), or one hull about ``all``.
        erosion: How many times a rim of one pixel is taken off before the regions are found.

    Example:
        >>> pixels = np.zeros((9, 9, 3), dtype=np.uint8)
        >>> pixels[2:7, 3:8] = 200
        >>> OtsuHull().apply(pixels).shape, OtsuHull(erosion=0).apply(pixels).shape
        ((3, 3, 3), (5, 5, 3))
    """

    name: ClassVar[str] = "otsu_hull"
    aspect: Annotated[Literal["stretch", "keep"], BeforeValidator(_named)] = Field(
        "stretch",
        description="published (stretch): the box about the hull, which a resize stretches; keep: a square about its "
        "middle, black beyond the picture's edge.",
    )
    outside: Literal["keep", "blank"] = Field("keep", description="outside: keep, or blank what is not of the hull.")
    background: Literal["auto", "dark", "light"] = Field("auto", description="background: auto, dark or light.")
    region: Literal["largest", "middle", "all"] = Field(
        "largest", description="region: largest, middle or all of several."
    )
    erosion: int = Field(1, ge=0, le=100, description="erosion: rims of one pixel taken off before (1).")

    @property
    def size(self) -> None:
        """None: a box as large as the hull; a resize must follow."""
        return None

    def apply(self, pixels: Pixels) -> Pixels:
        """Return (h', w', 3) uint8, a box or a square of one pixel at least."""
        cell = _REGIONS[self.region](_eroded(_apart(pixels, self.background), self.erosion))
        if not cell.any():
            return pixels if self.aspect == "stretch" else _square(pixels, (0, 0, pixels.shape[1], pixels.shape[0]))
        if self.outside == "blank":
            pixels = pixels * _hull(cell)[:, :, None]
        left, top, width, height = cv2.boundingRect(cell)
        if self.aspect == "stretch":
            return pixels[top : top + height, left : left + width]
        return _square(pixels, (left, top, width, height))


def _apart(pixels: Pixels, background: str) -> Bits:
    """Return what Otsu's threshold parts from the background, (h, w); nothing where there is one grey."""
    grey = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
    if grey.min() == grey.max():
        return np.zeros_like(grey)
    dark = background == "dark" or (background == "auto" and dark_rim(grey))
    kind = cv2.THRESH_BINARY if dark else cv2.THRESH_BINARY_INV
    return np.asarray(cv2.threshold(grey, 0, 1, kind | cv2.THRESH_OTSU)[1], dtype=np.uint8)


def _eroded(mask: Bits, times: int) -> Bits:
    # OpenCV's own border: what lies beyond the edge takes nothing away.
    return np.asarray(cv2.erode(mask, SQUARE, iterations=times), dtype=np.uint8) if times else mask


def _largest(mask: Bits) -> Bits:
    _, parts, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    sizes = stats[1:, cv2.CC_STAT_AREA]
    if not len(sizes):
        return mask
    equals = [int(part) + 1 for part in np.flatnonzero(sizes == sizes.max())]
    return np.asarray(parts == _first(parts, equals), dtype=np.uint8)


def _first(parts: NDArray[Any], among: list[int]) -> int:
    """Return which of these parts begins first, row by row; OpenCV's own order may change."""
    flat = parts.ravel()
    return int(flat[np.isin(flat, among).argmax()])


def _middle(mask: Bits) -> Bits:
    _, parts = cv2.connectedComponents(mask, connectivity=8)
    rows, columns = np.nonzero(mask)
    if not len(rows):
        return mask
    away = (2 * rows - mask.shape[0] + 1) ** 2 + (2 * columns - mask.shape[1] + 1) ** 2
    near = np.unique(parts[rows, columns][away == away.min()])
    return _largest(np.isin(parts, near).astype(np.uint8))


def _all(mask: Bits) -> Bits:
    return mask


_REGIONS = {"largest": _largest, "middle": _middle, "all": _all}


def _hull(cell: Bits) -> Bits:
    """Return the convex hull of a mask that is not empty, (h, w)."""
    hull = cv2.convexHull(np.asarray(cv2.findNonZero(cell)))
    # The cell itself is of its hull, however the hull's edges are drawn.
    return np.asarray(cv2.fillConvexPoly(cell.copy(), hull, (1,)), dtype=np.uint8)


def _square(pixels: Pixels, box: tuple[int, int, int, int]) -> Pixels:
    """Return a square about a box (left, top, width, height): what the picture shows there, black beyond its edge."""
    left, top, width, height = box
    side = max(width, height)
    rows, into_rows = _shown(top - (side - height) // 2, side, pixels.shape[0])
    columns, into_columns = _shown(left - (side - width) // 2, side, pixels.shape[1])
    square = np.zeros((side, side, 3), dtype=np.uint8)
    square[into_rows, into_columns] = pixels[rows, columns]
    return square


def _shown(start: int, length: int, there: int) -> tuple[slice, slice]:
    """Return what there is of a stretch of pixels, and where in the stretch it lies."""
    first, last = max(start, 0), min(start + length, there)
    return slice(first, last), slice(first - start, last - start)
