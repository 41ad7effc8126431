"""A square of a field about a cell, as a bundle is to see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np

from leukoscope.errors import SettingsError
from leukoscope.pictures.conversion import Pixels
from leukoscope.pictures.optical_density import Mask
from leukoscope.pictures.white_cells import WhiteCell

Masking = Literal["nucleus", "cell"]
MASKS: tuple[Masking, ...] = ("nucleus", "cell")
SMALLEST, LARGEST = 16, 4096
BRIGHT, LAMP = 95.0, 0.95


@dataclass(frozen=True)
class Cutting:
    """How cells are cut out.

    Args:
        size: Side of the squares that are written, px, 16 to 4,096.
        scale: Px of a square for each px of the field, above 0.
        mask: What is shown, the rest being black: the ``nucleus``, the whole ``cell``; None: everything.

    Raises:
        SettingsError: a value out of range.
    """

    size: int
    scale: float = 1.0
    mask: Masking | None = None

    def __post_init__(self) -> None:
        if not SMALLEST <= self.size <= LARGEST:
            raise SettingsError(f"The squares have a side of {SMALLEST} to {LARGEST:,} px, not {self.size}.")
        if not 1 / 64 <= self.scale <= 64:  # noqa: PLR2004 - beyond it nothing can be seen
            raise SettingsError(f"The scale is 1/64 to 64, not {self.scale:g}.")
        if self.mask not in {*MASKS, None}:
            raise SettingsError(f"The mask is one of {', '.join(MASKS)}, not {self.mask!r}.")


@dataclass(frozen=True, eq=False)
class Square:
    """A square of a field.

    Args:
        pixels: (size, size, 3) uint8, RGB.
        left: Column of its first pixel in the field; below 0 where it reaches beyond the field.
        top: Likewise its row.
        side: Its side in px of the field.
        padded: The share of it that lies beyond the field, 0 to 1.
    """

    pixels: Pixels
    left: int
    top: int
    side: int
    padded: float


def square_about(cell: WhiteCell, field: Pixels, ground: Pixels, cutting: Cutting) -> Square:
    """Return the square whose middle is the middle of a cell's box.

    What lies beyond the field has the ground's colour; with a mask it is black, as all is that the mask leaves out.

    Args:
        cell: The cell.
        field: (h, w, 3) uint8, RGB.
        ground: (3,) uint8, from ``ground_of``.
        cutting: How.
    """
    side = max(round(cutting.size / cutting.scale), 1)
    left, top = (cell.left + cell.right - side) // 2, (cell.top + cell.bottom - side) // 2
    height, width = field.shape[:2]
    rows, columns = slice(max(top, 0), min(top + side, height)), slice(max(left, 0), min(left + side, width))
    pixels = np.empty((side, side, 3), dtype=np.uint8)
    pixels[:] = ground if cutting.mask is None else 0
    shown = field[rows, columns]
    into = (slice(rows.start - top, rows.stop - top), slice(columns.start - left, columns.stop - left))
    pixels[into] = shown
    if cutting.mask is not None:
        pixels[~_mask(cell, cutting.mask, left, top, side)] = 0
    return Square(_sized(pixels, cutting.size), left, top, side, 1 - shown.shape[0] * shown.shape[1] / side**2)


def ground_of(field: Pixels) -> Pixels:
    """Return the colour of the field's ground, (3,) uint8: the median of its bright pixels.

    Args:
        field: (h, w, 3) uint8, RGB.
    """
    every = max(min(field.shape[:2]) // 256, 1)
    some = field[::every, ::every].reshape(-1, 3)
    green = some[:, 1].astype(np.float32)
    bright = some[green >= LAMP * np.percentile(green, BRIGHT)]
    return np.asarray(np.median(bright, axis=0), dtype=np.uint8)


def _mask(cell: WhiteCell, what: Masking, left: int, top: int, side: int) -> Mask:
    shown = np.zeros((side, side), dtype=bool)
    mask = cell.nucleus if what == "nucleus" else cell.cell
    # A square that is smaller than the cell shows a part of it.
    rows = slice(max(cell.top - top, 0), min(cell.bottom - top, side))
    columns = slice(max(cell.left - left, 0), min(cell.right - left, side))
    first_row, first_column = rows.start + top - cell.top, columns.start + left - cell.left
    part = mask[first_row:, first_column:][: rows.stop - rows.start, : columns.stop - columns.start]
    shown[rows, columns] = part
    return shown


def _sized(pixels: Pixels, size: int) -> Pixels:
    if len(pixels) == size:
        return pixels
    how = cv2.INTER_AREA if size < len(pixels) else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(pixels, (size, size), interpolation=how))
