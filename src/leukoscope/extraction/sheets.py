"""Two sheets to look at before anything is done with the cells: fields with boxes, and the cells."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from leukoscope.extraction.extraction import CELLS_SHEET, FIELDS_SHEET
from leukoscope.files import write_bytes
from leukoscope.pictures.conversion import Pixels
from leukoscope.reports.sheets import picture_sheet

COLUMNS, WIDTH, GAP, LINE = 4, 480, 10, 18
PAPER, INK = (255, 255, 255), (31, 35, 40)
COLUMNS_OF_CELLS = 10


def write_sheets(folder: Path, fields: list[tuple[str, Pixels]], cells: list[tuple[str, Pixels]]) -> None:
    """Write ``fields.png``, and ``cells.png`` where there are any.

    Args:
        folder: Where to.
        fields: Names and pictures with boxes drawn in, one at least.
        cells: Names and pictures.
    """
    write_bytes(folder / FIELDS_SHEET, fields_sheet(fields))
    if cells:
        names, pictures = zip(*cells, strict=True)
        picture_sheet(pictures, names, folder / CELLS_SHEET, columns=COLUMNS_OF_CELLS)


def fields_sheet(fields: list[tuple[str, Pixels]]) -> bytes:
    """Return a sheet of fields, each 480 px wide with its name beneath, as a png.

    Args:
        fields: Names and pictures, (h, w, 3) uint8, RGB; one at least.
    """
    tiles = [_tile(name, pixels) for name, pixels in fields]
    columns = min(COLUMNS, len(tiles))
    rows = [tiles[first : first + columns] for first in range(0, len(tiles), columns)]
    heights = [max(tile.height for tile in row) + GAP for row in rows]
    sheet = Image.new("RGB", (columns * (WIDTH + GAP) + GAP, sum(heights) + GAP), PAPER)
    for number, row in enumerate(rows):
        for column, tile in enumerate(row):
            sheet.paste(tile, (GAP + column * (WIDTH + GAP), GAP + sum(heights[:number])))
    content = io.BytesIO()
    sheet.save(content, format="PNG")
    return content.getvalue()


def _tile(name: str, pixels: Pixels) -> Image.Image:
    picture = Image.fromarray(np.ascontiguousarray(pixels))
    height = max(round(picture.height * WIDTH / picture.width), 1)
    tile = Image.new("RGB", (WIDTH, height + LINE), PAPER)
    tile.paste(picture.resize((WIDTH, height), Image.Resampling.LANCZOS), (0, 0))
    ImageDraw.Draw(tile).text((2, height + 3), name[-80:], fill=INK)
    return tile
