from __future__ import annotations

import numpy as np
import pytest

from leukoscope.pictures.white_cells.even_light import even_light


def field(fall: float) -> np.ndarray:
    y, x = np.mgrid[-1:1:120j, -1:1:160j]
    light = 230 * (1 - fall * (x**2 + y**2) / 2)
    return np.repeat(np.rint(light).astype(np.uint8)[..., None], 3, axis=2)


def test_dark_corners_become_as_bright_as_the_middle() -> None:
    even = even_light(field(0.4))
    assert field(0.4)[0, 0, 0] < 140
    assert even.min() > 200
    assert even.max() <= 240


def test_cells_keep_their_contrast_and_do_not_pass_for_shade() -> None:
    dark = field(0.3)
    dark[20:70, 30:90] = (dark[20:70, 30:90] * 0.4).astype(np.uint8)
    even = even_light(dark)
    assert even[45, 60, 0] / even[100, 120, 0] == pytest.approx(0.4, abs=0.03)


@pytest.mark.parametrize("same", [field(0.0), field(0.01), np.full((9, 9, 3), 200, np.uint8)])
def test_an_even_light_and_a_tiny_field_are_left_alone(same: np.ndarray) -> None:
    assert even_light(same) is same


def test_what_falls_too_far_is_no_lamp() -> None:
    half = np.full((120, 160, 3), 230, np.uint8)
    half[:, :80] = 20
    assert even_light(half) is half
