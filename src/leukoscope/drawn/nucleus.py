"""The outline of a nucleus: round, dented, folded, bent, lobed or burst."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np

from leukoscope.drawn.anatomy import Nucleus, Shape
from leukoscope.drawn.fields import TURN, Place, Plane, arc, disc, joined, outline, rod, turned, without
from leukoscope.drawn.sheet import Sheet

# By the number of lobes: their radius as a share of the nucleus', and the angle from one to the next, radians.
_LOBE_SIZE = {2: 0.55, 3: 0.45, 4: 0.40, 5: 0.35}
_LOBE_STEP = {2: 2.5, 3: 1.75, 4: 1.4, 5: 1.15}


def nucleus_distance(sheet: Sheet, nucleus: Nucleus, place: Place) -> Plane:
    """Return the signed distance to a nucleus.

    Args:
        sheet: The drawing.
        nucleus: What it looks like.
        place: The disc it is laid out in.

    Returns:
        (h, w) float32, micrometres.
    """
    return _OUTLINES[nucleus.shape](sheet, nucleus, place)


def _oval(sheet: Sheet, nucleus: Nucleus, place: Place) -> Plane:
    axes = turned(sheet.where, place.x, place.y, sheet.angle())
    elongation = max(nucleus.elongation.draw(sheet.generator), 1.0)
    return outline(axes, place.radius, elongation, nucleus.wobble, sheet.generator)


def _kidney(sheet: Sheet, nucleus: Nucleus, place: Place) -> Plane:
    angle, draw = sheet.angle(), sheet.generator.uniform
    elongation = max(nucleus.elongation.draw(sheet.generator), 1.0)
    axes = turned(sheet.where, place.x, place.y, angle)
    whole = outline(axes, place.radius, elongation, nucleus.wobble, sheet.generator)
    # The dent lies in the middle of a long side; the farther out its centre, the shallower it is.
    side, away = angle + TURN / 4 + draw(-0.15, 0.15), place.radius * draw(0.85, 1.25)
    x, y = place.x + away * np.cos(side), place.y + away * np.sin(side)
    return without(whole, disc(sheet.where, Place(x, y, place.radius * draw(0.35, 0.6))), 0.35 * place.radius)


def _folded(sheet: Sheet, nucleus: Nucleus, place: Place) -> Plane:
    shape, start, draw = _oval(sheet, nucleus, place), sheet.angle(), sheet.generator.uniform
    for dent in range(int(sheet.generator.integers(1, 4))):
        angle, away = start + dent * draw(1.6, 2.6), place.radius * draw(0.85, 1.15)
        x, y = place.x + away * np.cos(angle), place.y + away * np.sin(angle)
        hole = disc(sheet.where, Place(x, y, place.radius * draw(0.2, 0.45)))
        shape = without(shape, hole, 0.3 * place.radius)
    return shape


def _band(sheet: Sheet, nucleus: Nucleus, place: Place) -> Plane:
    draw, angle = sheet.generator.uniform, sheet.angle()
    middle, thickness = place.radius * draw(0.60, 0.74), place.radius * draw(0.27, 0.35)
    half_angle = draw(1.5, 2.35)
    # A short bend leaves the far side empty; it is moved there so that it stays in the middle of the cell.
    back = middle * np.sin(half_angle) / half_angle
    axes = turned(sheet.where, place.x - back * np.cos(angle), place.y - back * np.sin(angle), angle)
    swell = sheet.noise(place.radius * 0.7) * np.float32(nucleus.wobble * place.radius)
    return np.asarray(arc(axes, middle, half_angle, thickness) + swell, dtype=np.float32)


def _lobes(sheet: Sheet, nucleus: Nucleus, place: Place) -> Plane:
    draw, radius = sheet.generator.uniform, place.radius
    count = int(sheet.generator.integers(nucleus.lobes[0], nucleus.lobes[1] + 1))
    size = radius * _LOBE_SIZE[count]
    angles = sheet.angle() + np.cumsum(_LOBE_STEP[count] * draw(0.8, 1.1, count))
    # Lobes stand in a zigzag about a bend that never closes, so that no nucleus is a ring.
    away = (radius - size) * np.where(np.arange(count) % 2, 1.0, draw(0.55, 1.0)) * draw(0.9, 1.1)
    centres = list(zip(place.x + away * np.cos(angles), place.y + away * np.sin(angles), strict=True))
    shape = np.full(sheet.where.x.shape, np.float32(2 * radius))
    for start, stop in pairwise(centres):
        shape = np.minimum(shape, rod(sheet.where, start, stop, 0.09 * radius))
    for centre, angle in zip(centres, angles, strict=True):
        axes = turned(sheet.where, *centre, angle + TURN / 4 + draw(-0.8, 0.8))
        lobe = outline(axes, size * draw(0.85, 1.1), draw(1, 1.4), 0.1, sheet.generator)
        shape = joined(shape, lobe, 0.13 * radius)
    return np.asarray(shape + sheet.noise(radius * 0.5) * np.float32(0.03 * radius), dtype=np.float32)


def _smudge(sheet: Sheet, nucleus: Nucleus, place: Place) -> Plane:
    fray = sheet.noise(2.6) * np.float32(0.55) + sheet.noise(0.8) * np.float32(0.15)
    return np.asarray(_oval(sheet, nucleus, place) + fray, dtype=np.float32)


_OUTLINES: dict[Shape, Callable[[Sheet, Nucleus, Place], Plane]] = {
    "oval": _oval,
    "kidney": _kidney,
    "folded": _folded,
    "band": _band,
    "lobes": _lobes,
    "smudge": _smudge,
}
