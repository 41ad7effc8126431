"""Black is known by the rim: what is hidden, and whether a cell is cut out on black."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from leukoscope.pictures.cell_light import cell_light
from leukoscope.pictures.cell_measures import measure_cell
from leukoscope.pictures.cell_shape import cell_shape
from leukoscope.pictures.optical_density import WHITE

GROUND, CYTOPLASM, NUCLEUS = (250, 235, 220), (190, 170, 215), (90, 40, 140)


def cell(ground: tuple[int, int, int] = (0, 0, 0), at: tuple[int, int] = (75, 75)) -> np.ndarray:
    pixels = np.full((150, 150, 3), ground, np.uint8)
    cv2.circle(pixels, at, 50, CYTOPLASM, -1)
    cv2.circle(pixels, at, 30, NUCLEUS, -1)
    return pixels


@pytest.mark.parametrize("level", [1, 16])
def test_noise_in_the_black_is_hidden_and_changes_no_number(level: int) -> None:
    clean, noisy = cell(), cell()
    noisy[0, 0], noisy[3, 140], noisy[-1, -1] = level, level, level
    light = cell_light(noisy)
    assert light.on_black
    assert (light.hidden == (clean == 0).all(axis=2)).all()
    assert (light.density == cell_light(clean).density).all()
    np.testing.assert_array_equal(measure_cell(noisy), measure_cell(clean))
    assert cell_shape(noisy) == cell_shape(clean)


@pytest.mark.parametrize("at", [(30, 30), (30, 120), (120, 30), (120, 120)])
def test_a_cell_that_covers_a_corner_is_on_black_and_all_of_it_is_seen(at: tuple[int, int]) -> None:
    pixels = cell(at=at)
    assert pixels[[0, 0, -1, -1], [0, -1, 0, -1]].any(axis=1).sum() == 1
    light = cell_light(pixels)
    assert light.on_black
    assert (light.lamp == WHITE).all()
    assert (light.hidden == (pixels == 0).all(axis=2)).all()
    found = cell_shape(pixels)
    assert found is not None
    assert found.area == (~light.hidden).sum()


def test_a_margin_about_a_smear_is_hidden_whatever_noise_is_in_it() -> None:
    plain = cell(GROUND)
    margin = np.pad(plain, ((12, 12), (12, 12), (0, 0)))
    margin[0, 0], margin[-2, 3] = 2, 9
    light, expected = cell_light(margin), cell_light(plain)
    assert not light.on_black
    assert (light.lamp == expected.lamp).all()
    assert light.hidden.sum() == margin[..., 0].size - plain[..., 0].size
    assert (light.density[12:-12, 12:-12] == expected.density).all()


def test_a_black_corner_makes_no_smear_black() -> None:
    pixels = cell(GROUND)
    pixels[:4, :4] = 0
    light = cell_light(pixels)
    assert not light.on_black
    assert not light.hidden.any()


def test_a_black_picture_is_all_hidden() -> None:
    for level in (0, 1, 16):
        light = cell_light(np.full((20, 30, 3), level, np.uint8))
        assert light.on_black
        assert light.hidden.all()
        assert not light.density.any()
