"""A whole field of a smear with several cells in it, and where each of them lies."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leukoscope.drawn.anatomy import CellKind
from leukoscope.drawn.body import paint_cell
from leukoscope.drawn.fields import Place, Plane, grid
from leukoscope.drawn.kinds import kind_of
from leukoscope.drawn.look import Look, develop
from leukoscope.drawn.sheet import Sheet
from leukoscope.drawn.smear import paint_plasma, paint_surroundings
from leukoscope.drawn.stains import blank
from leukoscope.errors import SettingsError

SMALLEST, LARGEST = 64, 2048
FIELD = 80.0
"""Micrometres that a field shows, from side to side."""
_FINER, _REACH, _TRIES = 2, 1.7, 500
_APART = 1.25


@dataclass(frozen=True, eq=False)
class DrawnField:
    """A drawn field.

    Args:
        pixels: (size, size, 3) uint8, RGB.
        kinds: The kind of each cell, by name.
        boxes: Left, top, right, bottom of each cell in px, as far as the field goes; right and bottom are the first
            beyond.
    """

    pixels: NDArray[np.uint8]
    kinds: tuple[str, ...]
    boxes: tuple[tuple[int, int, int, int], ...]


def draw_field(
    kinds: Sequence[CellKind | str], *, size: int, look: Look, generator: np.random.Generator, field: float = FIELD
) -> DrawnField:
    """Draw a field of a smear with cells among red cells and platelets.

    Args:
        kinds: The kinds of its cells, in any number; none gives a field of red cells alone. They don't touch each
            other, and their centres lie within the field.
        size: Side of the picture in pixels, 64 to 2,048.
        look: The patient's stain and illumination, drawn for a smear.
        generator: Where the particulars come from.
        field: What the picture shows, micrometres.

    Raises:
        SettingsError: an unknown kind, a size out of range, or more cells than there is room for.

    Example:
        >>> from leukoscope.drawn.look import draw_look
        >>> from leukoscope.randomness import generator
        >>> drawn = draw_field(["lymphocyte"] * 2, size=96, look=draw_look(0, "P01"), generator=generator(0, "field"))
        >>> drawn.pixels.shape, len(drawn.boxes)
        ((96, 96, 3), 2)
    """
    if not SMALLEST <= size <= LARGEST:
        raise SettingsError(f"Drawn fields have a side of {SMALLEST} to {LARGEST} pixels, not {size}.")
    named = [kind_of(kind) for kind in kinds]
    sheet = Sheet(blank(size * _FINER), grid(size * _FINER, field), generator)
    places = _places(named, look, field, generator)
    paint_plasma(sheet)
    paint_surroundings(sheet, places)
    boxes = []
    for kind, place in zip(named, places, strict=True):
        near = sheet.near(place.x, place.y, _REACH * place.radius)
        boxes.append(_box(near, paint_cell(near, kind, place), field / size, field))
    light = develop(sheet.stains, look, size, field, generator)
    return DrawnField(np.asarray(np.rint(light), np.uint8), tuple(kind.name for kind in named), tuple(boxes))


def _places(kinds: list[CellKind], look: Look, field: float, generator: np.random.Generator) -> list[Place]:
    places: list[Place] = []
    for kind in kinds:
        radius = kind.diameter.draw(generator) * look.spread / 2
        for _ in range(_TRIES):
            x, y = generator.uniform(-field / 2, field / 2, 2).tolist()
            if all(math.hypot(x - a, y - b) > _APART * (radius + other) for a, b, other in places):
                places.append(Place(x, y, radius))
                break
        else:
            raise SettingsError(
                f"There is no room for {len(kinds)} cells in a field of {field:g} micrometres.",
                do="Draw fewer, or a larger field.",
            )
    return places


def _box(near: Sheet, distance: Plane, pixel: float, field: float) -> tuple[int, int, int, int]:
    inside = distance < 0
    x, y = near.where.x[inside] + field / 2, near.where.y[inside] + field / 2
    left, top = (math.floor(float(axis.min()) / pixel) for axis in (x, y))
    right, bottom = (math.ceil(float(axis.max()) / pixel) for axis in (x, y))
    return left, top, right, bottom
