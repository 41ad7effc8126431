"""Cells cut out of a patient's sheet, as pictures within the page."""

from __future__ import annotations

import base64
from pathlib import Path

import numpy as np
from PIL import Image

from leukoscope.errors import DataError
from leukoscope.reports.thumbnails import Pixels, as_jpeg


def read_sheet(path: Path) -> Pixels:
    """Return a sheet of cells, (h, w, 3) uint8, RGB.

    Raises:
        DataError: it is missing or cannot be read.
    """
    try:
        with Image.open(path) as opened:
            return np.asarray(opened.convert("RGB"))
    except OSError as error:
        raise DataError(f"This sheet of cells cannot be read: {error}.", where=str(path)) from None


def cut_pair(sheet: Pixels, left: int, top: int, *, tile: int, between: int) -> Pixels:
    """Return a cell's picture with its map beside it.

    Args:
        sheet: What ``read_sheet`` returned.
        left: Column of the picture's corner.
        top: Its row.
        tile: Side of the picture, and of the map, in px.
        between: Columns between the two.

    Returns:
        (tile, 2 tile + between, 3) uint8, RGB.
    """
    return sheet[top : top + tile, left : left + 2 * tile + between]


def tile_uri(pixels: Pixels) -> str:
    """Return a picture as a ``data:`` address, a JPEG."""
    return f"data:image/jpeg;base64,{base64.b64encode(as_jpeg(pixels)).decode('ascii')}"
