"""C-NMC's black background: a cell cut out of its smear by a segmentation that is not perfect."""

from __future__ import annotations

import numpy as np

from leukoscope.drawn.fields import Place, Plane, covered, disc, joined, without
from leukoscope.drawn.sheet import Sheet

# How often, in C-NMC, background or a neighbour hangs on a cell; a straight edge cuts it; a bite of it is missing.
_TAB, _CUT, _BITE = 0.14, 0.10, 0.25
# Nothing further from the picture's centre is taken for the cell: its corners are black in every picture.
_FARTHEST = 12.0


def segmented(sheet: Sheet, cell: Plane, place: Place) -> Plane:
    """Return what a segmentation takes for the cell.

    Args:
        sheet: The drawing; nothing is painted on it.
        cell: (h, w) signed distance to the cell's true outline, micrometres.
        place: The disc of about the cell's size.

    Returns:
        (h, w) float32 from 0 (background) to 1 (cell), 0 exactly outside.
    """
    jitter = sheet.noise(0.9) * np.float32(0.05) + sheet.noise(4.0) * np.float32(0.13)
    taken = cell + jitter + np.float32(sheet.generator.normal(0.16, 0.10))
    if sheet.generator.random() < _TAB:
        taken = _with_tab(sheet, taken, place)
    if sheet.generator.random() < _CUT:
        taken = _with_cut(sheet, taken, place)
    if sheet.generator.random() < _BITE:
        taken = _with_bite(sheet, taken, place)
    taken = np.maximum(taken, disc(sheet.where, Place(0.0, 0.0, _FARTHEST)))
    return covered(taken, max(sheet.where.pixel, 0.1))


def _with_tab(sheet: Sheet, taken: Plane, place: Place) -> Plane:
    angle, away = sheet.angle(), place.radius * sheet.generator.uniform(0.95, 1.2)
    size = sheet.generator.uniform(0.5, 2.2)
    tab = disc(sheet.where, Place(place.x + away * np.cos(angle), place.y + away * np.sin(angle), size))
    return joined(taken, tab + sheet.noise(1.3) * np.float32(0.45 * size), 0.3)


def _with_bite(sheet: Sheet, taken: Plane, place: Place) -> Plane:
    angle, away = sheet.angle(), place.radius * sheet.generator.uniform(0.98, 1.12)
    size = sheet.generator.uniform(0.4, 1.1)
    bite = disc(sheet.where, Place(place.x + away * np.cos(angle), place.y + away * np.sin(angle), size))
    return without(taken, bite + sheet.noise(0.9) * np.float32(0.3 * size), 0.3)


def _with_cut(sheet: Sheet, taken: Plane, place: Place) -> Plane:
    # Straight cuts in C-NMC run along the pixels: the edges of tiles, or of the field.
    across, middle = (sheet.where.x, place.x) if sheet.generator.integers(2) else (sheet.where.y, place.y)
    sign = np.float32(1 if sheet.generator.integers(2) else -1)
    edge = np.float32(place.radius * sheet.generator.uniform(0.8, 0.97))
    return np.asarray(np.maximum(taken, sign * (across - np.float32(middle)) - edge))
