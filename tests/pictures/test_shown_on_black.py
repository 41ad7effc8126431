from __future__ import annotations

import numpy as np

from leukoscope.pictures.shown_on_black import shown_on_black


def test_levels_up_to_16_are_noise_but_beside_a_higher_one() -> None:
    pixels = np.zeros((9, 9, 3), np.uint8)
    pixels[:, :5] = (16, 3, 0)
    assert not shown_on_black(pixels).any()
    pixels[4, 3] = (0, 17, 0)
    expected = np.zeros((9, 9), np.uint8)
    expected[3:6, 2:5] = 1
    assert (shown_on_black(pixels) == expected).all()
