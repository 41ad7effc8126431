from __future__ import annotations

import numpy as np
import pytest

from leukoscope.drawn.fields import Place, grid
from leukoscope.drawn.sheet import Sheet
from leukoscope.drawn.smear import RED_RADIUS, paint_plasma, paint_surroundings
from leukoscope.drawn.stains import blank
from leukoscope.randomness import generator

WHERE = grid(128, 30.0)
HAEM = 3


def sheet(number: int) -> Sheet:
    return Sheet(blank(128), WHERE, generator(0, "smear", number))


def test_red_cells_leave_room_for_the_cell_in_the_middle() -> None:
    for number in range(10):
        drawn = sheet(number)
        paint_surroundings(drawn, [Place(0.0, 0.0, 7.0)])
        assert drawn.stains[HAEM].max() > 0.4
        assert not drawn.stains[HAEM][np.hypot(WHERE.x, WHERE.y) < 7.0 - 0.6 * RED_RADIUS].any()


def test_red_cells_are_paler_in_the_middle_and_darker_where_they_overlap() -> None:
    thick, thin = 0.0, 0.0
    for number in range(10):
        drawn = sheet(number)
        paint_surroundings(drawn, [Place(0.0, 0.0, 0.0)])
        red = drawn.stains[HAEM][drawn.stains[HAEM] > 0.05]
        middle = float(np.median(red))
        thick += float((red > 1.5 * middle).mean())
        thin += float((red < 0.7 * middle).mean())
    assert thick > 0.1
    assert thin > 0.1


@pytest.mark.parametrize("thick", [False, True])
def test_plasma_is_everywhere_and_thicker_beside_cut_out_cells(thick: bool) -> None:
    drawn = sheet(0)
    paint_plasma(drawn, thick=thick)
    assert drawn.stains[HAEM].min() > 0
    assert drawn.stains[HAEM].mean() == pytest.approx(0.3 if thick else 0.03, rel=0.3)
