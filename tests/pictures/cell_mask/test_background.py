from __future__ import annotations

from collections.abc import Callable

import numpy as np

from leukoscope.pictures.cell_mask.background import background_of

Make = Callable[..., np.ndarray]


def test_a_smear_is_returned_as_it_is(smear: Make) -> None:
    pixels = smear((56, 56, 26, 16))
    clear, on_black = background_of(pixels)
    assert not on_black
    assert clear is pixels


def test_a_cell_on_black_is_on_black_wherever_it_lies(on_black: Make) -> None:
    for x, y in ((75, 75), (30, 30), (120, 30), (0, 75)):
        assert background_of(on_black(x, y))[1]


def test_a_margin_takes_the_light_of_the_lamp(smear: Make) -> None:
    for sides in (((8, 8), (8, 8), (0, 0)), ((8, 8), (8, 0), (0, 0)), ((0, 9), (9, 9), (0, 0))):
        pixels = np.pad(smear((56, 56, 26, 16)), sides)
        pixels[0, -1] = 2
        clear, on_black = background_of(pixels)
        assert not on_black
        assert clear.any(axis=2).all()
        assert (clear[0, -1] == clear[-1, -1]).all()
