"""A white cell in a field: its box, its mask, and whether the field's edge cuts it off."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from leukoscope.pictures.cell_mask.sight import Bits
from leukoscope.pictures.optical_density import Mask


@dataclass(frozen=True, eq=False)
class WhiteCell:
    """A white cell.

    Args:
        left: Column of its leftmost pixel in the field.
        top: Row of its topmost pixel.
        right: The first column beyond it.
        bottom: The first row beyond it.
        cell: (bottom - top, right - left) bool, the cell within its box, nucleus and cytoplasm.
        nucleus: Likewise, the nucleus, within the cell.
        cut_off: Whether it reaches the field's edge, so that a part of it may not be shown.
    """

    left: int
    top: int
    right: int
    bottom: int
    cell: Mask
    nucleus: Mask
    cut_off: bool

    @property
    def box(self) -> tuple[int, int, int, int]:
        """Left, top, right, bottom; right and bottom are the first beyond."""
        return self.left, self.top, self.right, self.bottom


def placed(cell: Bits, nucleus: Bits, corner: tuple[int, int], scale: float, size: tuple[int, int]) -> WhiteCell | None:
    """Return a cell that was found in a part of a shrunk (or grown) field at its place in the field itself.

    Args:
        cell: (h, w) uint8, 0 and 1, in a part of the shrunk field.
        nucleus: Likewise.
        corner: Column and row of that part's first pixel in the shrunk field.
        scale: Px of the shrunk field for each px of the field.
        size: Height and width of the field.

    Returns:
        None where nothing of the nucleus is left at the field's own size.
    """
    columns, rows = np.flatnonzero(cell.any(axis=0)), np.flatnonzero(cell.any(axis=1))
    if not len(columns):
        return None
    left, right = _span(columns, corner[0], scale, size[1])
    top, bottom = _span(rows, corner[1], scale, size[0])
    # From a pixel of the box to the place of its middle in the mask.
    shift = [(start + 0.5) * scale - 0.5 - first for start, first in zip((left, top), corner, strict=True)]
    way = np.array([[scale, 0, shift[0]], [0, scale, shift[1]]])
    whole, inner = (_sampled(mask, way, (right - left, bottom - top)) for mask in (cell, nucleus))
    inner &= whole
    if not inner.any():
        return None
    return _trimmed(whole, inner, (left, top), size)


def _span(found: np.ndarray, first: int, scale: float, length: int) -> tuple[int, int]:
    start, stop = (found[0] + first) / scale, (found[-1] + 1 + first) / scale
    return max(int(np.floor(start)) - 1, 0), min(int(np.ceil(stop)) + 1, length)


def _sampled(mask: Bits, way: np.ndarray, size: tuple[int, int]) -> Mask:
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    # Beyond the field's edge a cell is taken to go on, so that it does not draw back from the edge.
    soft = cv2.warpAffine(mask.astype(np.float32), way, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(soft > 0.5, dtype=bool)  # noqa: PLR2004 - half


def _trimmed(whole: Mask, inner: Mask, corner: tuple[int, int], size: tuple[int, int]) -> WhiteCell:
    columns, rows = np.flatnonzero(whole.any(axis=0)), np.flatnonzero(whole.any(axis=1))
    kept = (slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1))
    left, top = corner[0] + kept[1].start, corner[1] + kept[0].start
    right, bottom = corner[0] + kept[1].stop, corner[1] + kept[0].stop
    cut_off = left == 0 or top == 0 or right == size[1] or bottom == size[0]
    return WhiteCell(left, top, right, bottom, whole[kept], inner[kept], cut_off)
