from __future__ import annotations

import numpy as np
import pytest

from leukoscope.explanation.overlay import common_scale, overlay

GREY = np.full((20, 40, 3), 90, dtype=np.uint8)


def test_nothing_leaves_the_pale_picture() -> None:
    made = overlay(GREY, np.zeros((2, 4), np.float32), 1.0)
    assert made.shape == GREY.shape
    assert np.unique(made).size == 1
    assert made[0, 0, 0] > 90


def test_for_is_orange_and_against_is_blue_on_their_sides() -> None:
    made = overlay(GREY, np.array([[-1.0, 1.0]], np.float32), 1.0).astype(int)
    left, right = made[10, 1], made[10, -2]
    assert left[2] > left[0]
    assert right[0] > right[2]


@pytest.mark.parametrize("value", [1.0, 5.0])
def test_beyond_the_scale_the_colour_grows_no_more(value: float) -> None:
    made = overlay(GREY, np.full((1, 1), value, np.float32), 1.0)
    assert np.array_equal(made, overlay(GREY, np.full((1, 1), 1.0, np.float32), 1.0))


def test_the_scale_leaves_zeros_and_outliers_out() -> None:
    maps = np.zeros((1, 10, 100), np.float32)
    maps[0, :1] = np.r_[np.full(99, -2.0), 1000.0]
    assert common_scale(maps) < 15
    assert common_scale(maps * 0) == 1.0
