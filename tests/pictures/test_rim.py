from __future__ import annotations

import numpy as np
import pytest

from leukoscope.pictures.rim import dark_rim


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (300, 1), (9, 8), (9, 8, 3), (1, 300, 3)])
def test_a_rim_below_32_is_dark(shape: tuple[int, ...]) -> None:
    assert dark_rim(np.full(shape, 31, np.uint8))
    assert not dark_rim(np.full(shape, 32, np.uint8))


def test_the_highest_channel_counts_and_the_inside_does_not() -> None:
    pixels = np.zeros((9, 9, 3), np.uint8)
    pixels[1:-1, 1:-1] = 255
    assert dark_rim(pixels)
    pixels[..., 2] = 40
    assert not dark_rim(pixels)


def test_less_than_half_of_the_rim_does_not_count() -> None:
    levels = np.zeros((20, 20), np.uint8)
    levels[:9, :9] = 255
    assert dark_rim(levels)
    levels[:, :11] = 255
    assert not dark_rim(levels)
