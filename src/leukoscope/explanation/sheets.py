"""Sheets of cells: each picture with its map beside it and a caption beneath."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from leukoscope.explanation.overlay import Floats32, overlay
from leukoscope.files import write_bytes
from leukoscope.pictures.conversion import Pixels

TILE = 144
COLUMNS = 4
GAP, BETWEEN, CAPTION = 12, 2, 20
FONT_SIZE = 12
PAPER, INK = (255, 255, 255), (31, 35, 40)

Corner = tuple[int, int]


def write_sheet(
    path: Path, pictures: Pixels, maps: Floats32, captions: Sequence[str], *, scale: float, columns: int = COLUMNS
) -> list[Corner]:
    """Write cells in rows: the picture, its map over it, and the caption.

    Args:
        path: The png to write.
        pictures: (k, h, w, 3) uint8, RGB.
        maps: (k, h', w') float32.
        captions: One short line a cell.
        scale: See ``overlay``.
        columns: Cells a row.

    Returns:
        Where each cell stands on the sheet: left and top of its picture in px. Picture and map are squares of ``TILE``
        px, ``BETWEEN`` px apart.
    """
    corners = [_corner(place, columns) for place in range(len(pictures))]
    rows = max(-(-len(pictures) // columns), 1)
    pitch = _pitch()
    size = (min(columns, max(len(pictures), 1)) * pitch[0] + GAP, rows * pitch[1] + GAP)
    sheet = Image.new("RGB", size, PAPER)
    brush, font = ImageDraw.Draw(sheet), _font()
    for picture, found, caption, (left, top) in zip(pictures, maps, captions, corners, strict=True):
        sheet.paste(_tile(picture), (left, top))
        sheet.paste(_tile(overlay(picture, found, scale)), (left + TILE + BETWEEN, top))
        brush.text((left, top + TILE + 3), _fitted(caption, font), fill=INK, font=font)
    content = io.BytesIO()
    sheet.save(content, format="PNG", compress_level=3)
    write_bytes(path, content.getvalue())
    return corners


def _pitch() -> tuple[int, int]:
    return 2 * TILE + BETWEEN + GAP, TILE + CAPTION + GAP


def _corner(place: int, columns: int) -> Corner:
    width, height = _pitch()
    return GAP + place % columns * width, GAP + place // columns * height


def _tile(pixels: Pixels) -> Image.Image:
    """Return a picture within a square of ``TILE`` px, its sides in proportion."""
    picture = Image.fromarray(np.ascontiguousarray(pixels))
    scale = TILE / max(picture.size)
    size = (max(round(picture.width * scale), 1), max(round(picture.height * scale), 1))
    tile = Image.new("RGB", (TILE, TILE), PAPER)
    tile.paste(picture.resize(size, Image.Resampling.LANCZOS), ((TILE - size[0]) // 2, (TILE - size[1]) // 2))
    return tile


def _font() -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(Path(mpl.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"), FONT_SIZE)


def _fitted(line: str, font: ImageFont.FreeTypeFont) -> str:
    """Return the line, its end left out where it is wider than picture and map."""
    if font.getlength(line) <= 2 * TILE:
        return line
    kept = len(line)
    while kept > 1 and font.getlength(line[:kept] + "…") > 2 * TILE:
        kept -= 1
    return line[:kept] + "…"
