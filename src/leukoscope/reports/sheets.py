"""Sheets of pictures with captions: what augmentation does to a cell, and the cells that were called wrong."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from leukoscope.errors import SettingsError
from leukoscope.files import write_bytes

TILE = 160
GAP = 14
LINE = 17
FONT_SIZE = 13
PAPER, INK, FAINT = (255, 255, 255), (31, 35, 40), (208, 213, 220)
UNCHANGED = "as it is"


def picture_sheet(
    pictures: np.ndarray | Sequence[np.ndarray], captions: Sequence[str], path: Path, *, columns: int = 6
) -> Path:
    r"""Write pictures in rows, each in a square of 160 px with its caption beneath.

    Args:
        pictures: (n, h, w, 3) uint8, RGB, or n of (h, w, 3) of different sizes; n at least 1.
        captions: One a picture; lines end with ``\n``, what is too long for its square is cut in the middle.
        path: The png to write.
        columns: Pictures a row.

    Returns:
        ``path``.

    Raises:
        SettingsError: there is no picture, captions of another number, or fewer than one column.
    """
    if len(pictures) == 0 or len(pictures) != len(captions) or columns < 1:
        raise SettingsError(
            f"A sheet needs pictures, a caption for each, and a column; got {len(pictures)} pictures, "
            f"{len(captions)} captions, {columns} columns."
        )
    columns = min(columns, len(pictures))
    rows = -(-len(pictures) // columns)
    deepest = max(caption.count("\n") + 1 if caption else 0 for caption in captions)
    height = TILE + LINE * deepest + GAP + (6 if deepest else 0)
    sheet = Image.new("RGB", (columns * (TILE + GAP) + GAP, rows * height + GAP), PAPER)
    brush, font = ImageDraw.Draw(sheet), _font()
    for place, (picture, caption) in enumerate(zip(pictures, captions, strict=True)):
        corner = (GAP + place % columns * (TILE + GAP), GAP + place // columns * height)
        _place(sheet, brush, np.asarray(picture), corner)
        for number, line in enumerate(caption.split("\n")):
            at = (corner[0], corner[1] + TILE + 5 + number * LINE)
            brush.text(at, _fitted(line, font), fill=INK, font=font)
    return _save(sheet, path)


def augmentation_sheet(before: np.ndarray, after: Sequence[np.ndarray], path: Path) -> Path:
    """Write one row a cell: the cell as it is, then what the augmentation makes of it.

    Args:
        before: (n, h, w, 3) uint8, RGB: the cells after framing.
        after: Drawn versions of them, each (n, h, w, 3) uint8, the cells in the same order.
        path: The png to write.
    """
    pictures = [version[cell] for cell in range(len(before)) for version in (before, *after)]
    captions = [UNCHANGED if version == 0 else f"changed, {version}" for version in range(len(after) + 1)] * len(before)
    return picture_sheet(pictures, captions, path, columns=len(after) + 1)


def wrong_cells_sheet(
    pictures: np.ndarray | Sequence[np.ndarray],
    path: Path,
    *,
    ids: Sequence[str],
    labels: Sequence[str],
    called: Sequence[str],
    probabilities: Sequence[float],
    columns: int = 6,
) -> Path:
    """Write the cells that were called wrong with what they are and what they were called.

    Args:
        pictures: (n, h, w, 3) uint8, RGB, or n of (h, w, 3); the most confidently wrong first.
        path: The png to write.
        ids: The cells' ids.
        labels: What they are: titles of classes.
        called: What they were called: titles of classes.
        probabilities: How sure it was of the wrong class, 0 to 1.
        columns: Pictures a row.
    """
    captions = [
        f"is: {label}\ncalled: {wrong}\nsure: {probability:.2f}\n{cell}"
        for cell, label, wrong, probability in zip(ids, labels, called, probabilities, strict=True)
    ]
    return picture_sheet(pictures, captions, path, columns=columns)


def example_sheet(
    pictures: np.ndarray | Sequence[np.ndarray],
    path: Path,
    *,
    ids: Sequence[str],
    labels: Sequence[str],
    right: Sequence[bool],
    guesses: Sequence[Sequence[tuple[str, float]]],
    columns: int = 6,
) -> Path:
    """Write cells with their most probable classes beneath.

    Args:
        pictures: (n, h, w, 3) uint8, RGB, or n of (h, w, 3).
        path: The png to write.
        ids: The cells' ids.
        labels: What they are: titles of classes.
        right: Whether each was called what it is.
        guesses: Of each the most probable classes by title with their probabilities.
        columns: Pictures a row.
    """
    captions = [
        "\n".join(
            [
                f"{'✓' if hit else '✗'} is: {label}",
                *(f"{chance:.2f} {title}" for title, chance in first),
                cell,
            ]
        )
        for cell, label, hit, first in zip(ids, labels, right, guesses, strict=True)
    ]
    return picture_sheet(pictures, captions, path, columns=columns)


def _place(sheet: Image.Image, brush: ImageDraw.ImageDraw, pixels: np.ndarray, corner: tuple[int, int]) -> None:
    picture = Image.fromarray(pixels)
    scale = TILE / max(picture.size)
    size = (max(round(picture.width * scale), 1), max(round(picture.height * scale), 1))
    # Small pictures are enlarged smoothly: squares of pixels would look like texture of the cell.
    picture = picture.resize(size, Image.Resampling.LANCZOS)
    x, y = corner[0] + (TILE - size[0]) // 2, corner[1] + (TILE - size[1]) // 2
    sheet.paste(picture, (x, y))
    brush.rectangle((corner[0] - 1, corner[1] - 1, corner[0] + TILE, corner[1] + TILE), outline=FAINT)


def _font() -> ImageFont.FreeTypeFont:
    """Return the font that comes with matplotlib: the same on every machine, with Greek and accents."""
    return ImageFont.truetype(str(Path(mpl.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"), FONT_SIZE)


def _fitted(line: str, font: ImageFont.FreeTypeFont) -> str:
    """Return the line, with its middle left out where it is wider than a tile."""
    kept = len(line)
    while kept > 1 and font.getlength(line if kept == len(line) else _cut(line, kept)) > TILE:
        kept -= 1
    return line if kept == len(line) else _cut(line, kept)


def _cut(line: str, kept: int) -> str:
    head = (kept + 1) // 2
    return f"{line[:head]}…{line[len(line) - (kept - head) :]}"


def _save(sheet: Image.Image, path: Path) -> Path:
    content = io.BytesIO()
    sheet.save(content, format="PNG")
    write_bytes(path, content.getvalue())
    return path
