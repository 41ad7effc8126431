"""A picture of one cell: smear, stain, light, and where asked the cut-out on black."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from leukoscope.drawn.anatomy import CellKind
from leukoscope.drawn.body import paint_cell
from leukoscope.drawn.fields import Place, grid
from leukoscope.drawn.kinds import kind_of
from leukoscope.drawn.look import BACKGROUNDS, FIELD, Background, Look, develop
from leukoscope.drawn.segmentation import segmented
from leukoscope.drawn.sheet import Sheet
from leukoscope.drawn.smear import RED_RADIUS, paint_plasma, paint_surroundings
from leukoscope.drawn.stains import blank
from leukoscope.errors import SettingsError, nearest

SMALLEST, LARGEST = 16, 512
# Drawn at twice the size and shrunk by area, so that edges are soft as a lens makes them.
_FINER = 2
_BARE = 0.02
_SMALLEST_RADIUS = 0.8
# How far a cell may reach from its centre, in radii: the longest and most swaying ones stay within.
_REACH = 1.7


def draw_cell(
    kind: CellKind | str, *, size: int, background: Background, look: Look, generator: np.random.Generator
) -> NDArray[np.uint8]:
    """Draw a picture of one cell.

    Args:
        kind: What kind of cell, or its name (``KINDS`` lists them).
        size: Side of the picture in pixels, 16 to 512.
        background: ``smear``: red cells around it; ``black``: cut out, every pixel outside exactly 0.
        look: The patient's stain and illumination, drawn for the same background.
        generator: Where the cell's particulars come from.

    Returns:
        (size, size, 3) uint8, RGB.

    Raises:
        SettingsError: an unknown kind or background, or a size out of range.

    Example:
        >>> from leukoscope.drawn.look import draw_look
        >>> from leukoscope.randomness import generator
        >>> look = draw_look(0, "P01", "black")
        >>> draw_cell("lymphoblast", size=32, background="black", look=look, generator=generator(0, "cell")).shape
        (32, 32, 3)
    """
    kind = kind_of(kind)
    check_picture(size, background)
    field = FIELD[background]
    sheet = Sheet(blank(size * _FINER), grid(size * _FINER, field), generator)
    radius = max(kind.diameter.draw(generator) * look.spread / 2, _SMALLEST_RADIUS)
    paint_plasma(sheet, thick=background == "black")
    if background == "smear":
        # Red cells keep further from a small cell than it needs, so that it can be seen.
        paint_surroundings(sheet, [Place(0.0, 0.0, max(radius, 0.8 * RED_RADIUS))])
    shift = generator.normal(0, 0.03 * radius, 2)
    place = Place(float(shift[0]), float(shift[1]), radius)
    near = sheet.near(place.x, place.y, _REACH * radius)
    cell = paint_cell(near, kind, place)
    light = develop(sheet.stains, look, size, field, generator)
    if background == "black":
        cover = np.zeros(sheet.where.x.shape, dtype=np.float32)
        cover[sheet.where.window(place.x, place.y, _REACH * radius)] = segmented(near, cell, place)
        light *= _shrunk(cover)[:, :, None]
    return np.asarray(np.rint(light), dtype=np.uint8)


def check_picture(size: int, background: str) -> None:
    """Refuse a picture that cannot be drawn.

    Raises:
        SettingsError: a size out of range, or an unknown background.
    """
    if not SMALLEST <= size <= LARGEST:
        raise SettingsError(f"Drawn pictures have a side of {SMALLEST} to {LARGEST} pixels, not {size}.")
    if background not in BACKGROUNDS:
        raise SettingsError(f"There is no background {background!r}.", do=nearest(background, BACKGROUNDS))


def _shrunk(cover: NDArray[np.float32]) -> NDArray[np.float32]:
    side = cover.shape[0] // _FINER
    shares = cover.reshape(side, _FINER, side, _FINER).mean(axis=(1, 3), dtype=np.float32)
    return np.where(shares < _BARE, np.float32(0), shares)
