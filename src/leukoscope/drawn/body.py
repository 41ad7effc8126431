"""One cell, from its outline to its granules, painted onto a smear."""

from __future__ import annotations

import numpy as np

from leukoscope.drawn.anatomy import CellKind, Cytoplasm, Nucleus
from leukoscope.drawn.chromatin import paint_nucleus
from leukoscope.drawn.fields import Place, Plane, covered, disc, outline, ramp, turned
from leukoscope.drawn.granules import paint_granules
from leukoscope.drawn.nucleus import nucleus_distance
from leukoscope.drawn.sheet import Sheet
from leukoscope.drawn.stains import Stain

_EDGE = 0.35
# A nucleus never leaves its cell: so much cytoplasm, in micrometres, stays around it.
_FILM = 0.22
_VACUOLE = Stain(eosin=0.03, blue=0.05)
_VACUOLE_DEPTH = 0.9


def paint_cell(sheet: Sheet, kind: CellKind, place: Place) -> Plane:
    """Paint a cell.

    Args:
        sheet: The drawing, painted on.
        kind: What kind of cell.
        place: The disc of about its size.

    Returns:
        (h, w) float32, the signed distance to its outline, micrometres.
    """
    cell = _outline(sheet, kind, place)
    nucleus = None if kind.nucleus is None else _inside(sheet, kind.nucleus, place, cell)
    _paint_cytoplasm(sheet, kind.cytoplasm, cell, nucleus)
    if kind.nucleus is not None and nucleus is not None:
        paint_nucleus(sheet, nucleus, kind.nucleus)
    for granules in kind.granules:
        paint_granules(sheet, cell, nucleus, granules)
    return cell


def _outline(sheet: Sheet, kind: CellKind, place: Place) -> Plane:
    axes = turned(sheet.where, place.x, place.y, sheet.angle())
    elongation = max(kind.elongation.draw(sheet.generator), 1.0)
    distance = outline(axes, place.radius, elongation, kind.wobble, sheet.generator)
    if kind.ragged:
        distance = distance + sheet.noise(0.8) * np.float32(kind.ragged)
    return distance


def _inside(sheet: Sheet, nucleus: Nucleus, place: Place, cell: Plane) -> Plane:
    """Return the distance to a nucleus laid somewhere inside its cell."""
    radius = place.radius * float(np.clip(nucleus.size.draw(sheet.generator), 0.2, 0.98))
    angle, share = sheet.angle(), nucleus.offset * sheet.generator.uniform(0.4, 1.0)
    away = (place.radius - radius) * share
    middle = Place(place.x + away * np.cos(angle), place.y + away * np.sin(angle), radius)
    return np.asarray(np.maximum(nucleus_distance(sheet, nucleus, middle), cell + np.float32(_FILM)))


def _paint_cytoplasm(sheet: Sheet, cytoplasm: Cytoplasm, cell: Plane, nucleus: Plane | None) -> None:
    cover = covered(cell, _EDGE)
    mottled = sheet.noise(0.9) + np.float32(0.7) * sheet.noise(2.6)
    texture = 1 + np.float32(cytoplasm.mottle) * mottled
    if nucleus is not None and cytoplasm.halo:
        texture -= np.float32(cytoplasm.halo) * _hof(sheet, nucleus)
    sheet.lay(cover, cytoplasm.stain, np.maximum(texture, np.float32(0.15)))
    sheet.add(ramp(cell, -1.3, -0.1) * cover, Stain(purple=0.04, blue=0.05 + cytoplasm.rim))
    for _ in range(int(sheet.generator.integers(cytoplasm.vacuoles[0], cytoplasm.vacuoles[1] + 1))):
        _paint_vacuole(sheet, cell)


def _hof(sheet: Sheet, nucleus: Plane) -> Plane:
    """Return the pale zone of the Golgi apparatus, on one side of the nucleus."""
    angle = sheet.angle()
    side = sheet.where.x * np.float32(np.cos(angle)) + sheet.where.y * np.float32(np.sin(angle))
    return ramp(-nucleus, -2.8, -0.2) * ramp(side, -1.0, 3.0)


def _paint_vacuole(sheet: Sheet, cell: Plane) -> None:
    point = sheet.point(cell, _VACUOLE_DEPTH)
    if point is None:
        return
    radius = sheet.generator.uniform(0.3, 0.75)
    near = sheet.near(*point, 2 * radius)
    near.lay(covered(disc(near.where, Place(*point, radius)), 0.4) * np.float32(0.85), _VACUOLE)
