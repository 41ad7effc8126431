from __future__ import annotations

import numpy as np
import pytest

from leukoscope.pictures.white_cells.white_cell import placed


def mask(top: int, left: int, height: int, width: int) -> np.ndarray:
    whole = np.zeros((20, 30), np.uint8)
    whole[top : top + height, left : left + width] = 1
    return whole


@pytest.mark.parametrize("scale", [1.0, 0.5, 0.25])
def test_a_cell_comes_to_its_place_in_the_field(scale: float) -> None:
    cell = placed(mask(4, 6, 8, 10), mask(6, 8, 4, 4), (10, 3), scale, (400, 400))
    assert cell is not None
    assert cell.box == tuple(round(side / scale) for side in (16, 7, 26, 15))
    assert cell.cell.mean() > 0.98
    assert cell.nucleus.sum() == pytest.approx(16 / scale**2, rel=0.05)
    assert not cell.cut_off


def test_a_cell_at_the_edge_is_cut_off_and_reaches_it() -> None:
    cell = placed(mask(0, 22, 8, 8), mask(1, 24, 4, 4), (0, 0), 0.5, (40, 60))
    assert cell is not None
    assert cell.box == (44, 0, 60, 16)
    assert cell.cut_off


def test_nothing_is_no_cell() -> None:
    assert placed(mask(0, 0, 0, 0), mask(0, 0, 0, 0), (0, 0), 1.0, (20, 30)) is None
    assert placed(mask(2, 2, 5, 5), mask(0, 0, 0, 0), (0, 0), 1.0, (20, 30)) is None
