"""Rows of tiles with captions and headings, as one png: what sheets of maps and of channels are drawn with."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from leukoscope.files import write_bytes
from leukoscope.pictures.conversion import Pixels

SIDE = 168
GAP, LINE, BELOW = 14, 17, 5
FONT_SIZE, HEAD_SIZE = 12, 13
PAPER, INK, FAINT, BAD = (255, 255, 255), (31, 35, 40), (208, 213, 220), (179, 20, 28)


@dataclass(frozen=True, eq=False)
class Tile:
    """A picture with its caption.

    Args:
        picture: (h, w, 3) uint8, RGB.
        lines: The caption, a line each; what is too long for the tile loses its end.
        sharp: Whether its pixels are shown as squares (maps of a layer), else it is enlarged smoothly.
        wrong: Whether the first line is in red.
    """

    picture: Pixels
    lines: tuple[str, ...]
    sharp: bool = False
    wrong: bool = False


def write_tiles(
    path: Path, rows: Sequence[Sequence[Tile]], *, title: str = "", heads: Sequence[str] = (), alarm: str = ""
) -> Path:
    r"""Write rows of tiles.

    Args:
        path: The png to write.
        rows: Tiles, row by row; the first row is the longest.
        title: What stands above all, broken into lines where it is long.
        heads: What stands above each column; lines end with ``\n``.
        alarm: What stands above all in red: a leaking split.
    """
    columns, font, bold = max(len(row) for row in rows), _font(FONT_SIZE), _font(HEAD_SIZE, bold=True)
    width = columns * (SIDE + GAP) + GAP
    titles = _broken(title, font, width - 2 * GAP)
    deep = max((head.count("\n") + 1 for head in heads), default=0)
    lines = max(len(tile.lines) for row in rows for tile in row)
    top = GAP + LINE * (len(titles) + bool(alarm) + deep) + (GAP if titles or deep else 0)
    pitch = SIDE + BELOW + lines * LINE + GAP
    sheet = Image.new("RGB", (width, top + len(rows) * pitch), PAPER)
    brush = ImageDraw.Draw(sheet)
    written = [(alarm, BAD)] * bool(alarm) + [(line, INK) for line in titles]
    for number, (line, colour) in enumerate(written):
        brush.text((GAP, GAP + number * LINE), line, fill=colour, font=bold if colour == BAD else font)
    for column, head in enumerate(heads):
        for number, line in enumerate(head.split("\n")):
            at = (GAP + column * (SIDE + GAP), top - LINE * (deep - number) - 4)
            brush.text(at, fitted(line, bold if number == 0 else font), fill=INK, font=bold if number == 0 else font)
    for place, row in enumerate(rows):
        for column, tile in enumerate(row):
            _place(sheet, brush, tile, (GAP + column * (SIDE + GAP), top + place * pitch), font)
    content = io.BytesIO()
    sheet.save(content, format="PNG", compress_level=6)
    write_bytes(path, content.getvalue())
    return path


def fitted(line: str, font: ImageFont.FreeTypeFont) -> str:
    """Return the line, its end left out where it is wider than a tile."""
    if font.getlength(line) <= SIDE:
        return line
    kept = len(line)
    while kept > 1 and font.getlength(line[:kept] + "…") > SIDE:
        kept -= 1
    return line[:kept] + "…"


def _place(
    sheet: Image.Image, brush: ImageDraw.ImageDraw, tile: Tile, corner: tuple[int, int], font: ImageFont.FreeTypeFont
) -> None:
    picture = Image.fromarray(np.ascontiguousarray(tile.picture))
    scale = SIDE / max(picture.size)
    size = (max(round(picture.width * scale), 1), max(round(picture.height * scale), 1))
    picture = picture.resize(size, Image.Resampling.NEAREST if tile.sharp else Image.Resampling.LANCZOS)
    left, top = corner
    sheet.paste(picture, (left + (SIDE - size[0]) // 2, top + (SIDE - size[1]) // 2))
    brush.rectangle((left - 1, top - 1, left + SIDE, top + SIDE), outline=FAINT)
    for number, line in enumerate(tile.lines):
        colour = BAD if tile.wrong and number == 0 else INK
        brush.text((left, top + SIDE + BELOW + number * LINE), fitted(line, font), fill=colour, font=font)


def _broken(text: str, font: ImageFont.FreeTypeFont, width: int) -> list[str]:
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and font.getlength(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _font(size: int, *, bold: bool = False) -> ImageFont.FreeTypeFont:
    """Return the font that comes with matplotlib: the same on every machine."""
    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    return ImageFont.truetype(str(Path(mpl.get_data_path()) / "fonts" / "ttf" / name), size)
