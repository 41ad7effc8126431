"""The white cells of a field: a nucleus by its colour, about it the cell's outline, by the red cells' measure."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from leukoscope.errors import DataError
from leukoscope.pictures.cell_mask.background import background_of
from leukoscope.pictures.cell_mask.contour import RADIUS, contour_of
from leukoscope.pictures.cell_mask.nuclei import Nuclei
from leukoscope.pictures.cell_mask.sight import Sight
from leukoscope.pictures.cell_mask.touching import left_to
from leukoscope.pictures.conversion import Pixels
from leukoscope.pictures.shown_on_black import shown_on_black
from leukoscope.pictures.white_cells.even_light import even_light
from leukoscope.pictures.white_cells.nuclei import RED_AREA, FieldNuclei, Window, nuclei_in, widened
from leukoscope.pictures.white_cells.ruler import red_cell_diameter
from leukoscope.pictures.white_cells.view import View, view_of
from leukoscope.pictures.white_cells.white_cell import WhiteCell, placed

LEAST_CELL, LARGE_NUCLEUS = 1.2, 0.7
"""Of a red cell's area: a white cell is that large, or its nucleus is; platelets are smaller, all but the largest."""
LEAST_CUT_OFF = 0.8
"""A cell that the field's edge cuts off shows at least that much of a red cell's area."""
BRIGHTEST, BRIGHT = 75, 140
"""A smear on black has at least a quarter of pixels this bright in green; cells that were cut out have not."""
WITHOUT_RED_CELLS = 5.0
"""Where there are too few red cells to measure, one is taken to be that part of the field's shorter side."""


def find_white_cells(pixels: Pixels, red_cell: float | None = None) -> list[WhiteCell]:
    """Return the white cells (and other nucleated ones) of a field of a smear, from top to bottom.

    The field is brought to a size at which its red cells are 28 px wide. Nuclei are what is azure: it swallows far more
    green light than blue (``azure``). Lobes are one nucleus where a wide way through what is stained joins them; about
    each nucleus the cheapest closed outline is sought, which leaves out red cells and, by a watershed, other nucleated
    cells (``cell_mask``). What is hardly larger than a red cell and has no large nucleus is left out: platelets, dirt.

    Args:
        pixels: (h, w, 3) uint8, RGB.
        red_cell: Diameter of a red cell in px, above 0; measured in the field itself where None. Give it where several
            fields are of one magnification: one field may hold too few red cells to measure, or only clumps.

    Raises:
        DataError: the cells are cut out on black, or the field is too large to search at once.

    Example:
        >>> field = np.full((120, 160, 3), 235, np.uint8)
        >>> field[40:70, 50:90] = (120, 60, 150)
        >>> [cell.box for cell in find_white_cells(field, red_cell=28)]
        [(48, 38, 92, 72)]
    """
    lit = in_light(pixels)
    if red_cell is None:
        red_cell = red_cell_diameter(lit) or max(min(lit.shape[:2]) / WITHOUT_RED_CELLS, 1.0)
    view = view_of(lit, red_cell)
    nuclei = nuclei_in(view)
    found = [_cell(view, nuclei, number, lit.shape[:2]) for number in range(1, len(nuclei.windows) + 1)]
    cells = [cell for cell in found if cell is not None and large_enough(cell, view.scale)]
    return sorted(cells, key=lambda cell: (cell.top, cell.left))


def in_light(pixels: Pixels) -> Pixels:
    """Return a field in an even light, and with that light in place of a black margin.

    Args:
        pixels: (h, w, 3) uint8, RGB.

    Raises:
        DataError: the cells are cut out on black.
    """
    lit, on_black = background_of(pixels)
    return even_light(_with_light(pixels) if on_black else lit)


def _with_light(pixels: Pixels) -> Pixels:
    """Return a field that is mostly black margin, as a round field of view is, with its brightest light for the black.

    Raises:
        DataError: what is not black is dark: cells that were cut out, not a smear in the lamp's light.
    """
    shown = shown_on_black(pixels) > 0
    light = np.percentile(pixels[shown], BRIGHTEST, axis=0) if shown.any() else np.zeros(3)
    if light[1] < BRIGHT:
        raise DataError("This is no field of a smear: its cells are cut out on black.")
    lit = pixels.copy()
    lit[~shown] = light.astype(np.uint8)
    return lit


def large_enough(cell: WhiteCell, scale: float) -> bool:
    """Whether a cell is no platelet.

    Args:
        cell: The cell.
        scale: Of the view that it was found in.
    """
    whole, nucleus = (np.count_nonzero(mask) * scale**2 / RED_AREA for mask in (cell.cell, cell.nucleus))
    return bool(whole >= (LEAST_CUT_OFF if cell.cut_off else LEAST_CELL) or nucleus >= LARGE_NUCLEUS)


def _cell(view: View, nuclei: FieldNuclei, number: int, size: tuple[int, int]) -> WhiteCell | None:
    """Return the cell about one nucleus; what lies further away than it can reach is not looked at."""
    window = widened(nuclei.windows[number - 1], RADIUS, view.dark.shape)
    near = Nuclei(nuclei.within(window, number), view.stained[window], view.edge)
    cell = left_to(contour_of(_part(view.sight, window), near, 0), near, 0)
    corner = (window[1].start, window[0].start)
    return placed(cell, near.groups[0].astype(np.uint8), corner, view.scale, size)


def _part(sight: Sight, window: Window) -> Sight:
    return replace(
        sight,
        green=sight.green[window],
        purple=sight.purple[window],
        red_density=sight.red_density[window],
        redness=sight.redness[window],
    )
