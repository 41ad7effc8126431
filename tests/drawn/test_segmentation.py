from __future__ import annotations

import cv2
import numpy as np
import pytest

from leukoscope.drawn.fields import Place, disc, grid
from leukoscope.drawn.segmentation import segmented
from leukoscope.drawn.sheet import Sheet
from leukoscope.drawn.stains import blank
from leukoscope.randomness import generator

WHERE, PLACE = grid(120, 20.0), Place(0.0, 0.0, 6.0)
CELL = disc(WHERE, PLACE)


def cut_out(number: int) -> np.ndarray:
    return segmented(Sheet(blank(120), WHERE, generator(0, "segmentation", number)), CELL, PLACE)


def test_a_segmentation_is_near_the_cell_and_zero_far_from_it() -> None:
    for number in range(30):
        taken = cut_out(number)
        assert taken.min() == 0
        assert taken.max() == 1
        assert (taken[CELL < -3] > 0).mean() > 0.8
        assert not taken[np.hypot(WHERE.x, WHERE.y) > 12.2].any()


def test_its_edge_is_soft() -> None:
    taken = cut_out(0)
    assert ((taken > 0.05) & (taken < 0.95)).sum() > 20


def test_now_and_then_background_hangs_on_it_or_a_part_is_missing() -> None:
    masks = [cut_out(number) > 0.5 for number in range(60)]
    beyond = [bool((mask & (CELL > 0.8)).any()) for mask in masks]
    missing = [bool((~mask & (CELL < -0.8)).any()) for mask in masks]
    assert 2 <= sum(beyond) <= 20
    assert 2 <= sum(missing) <= 35


def test_the_cell_itself_is_one_piece() -> None:
    for number in range(20):
        _, _, sizes, _ = cv2.connectedComponentsWithStats((cut_out(number) > 0.5).astype(np.uint8))
        assert sizes[1:, cv2.CC_STAT_AREA].max() / sizes[1:, cv2.CC_STAT_AREA].sum() == pytest.approx(1, abs=0.1)
