from __future__ import annotations

import cv2
import numpy as np

from leukoscope.pictures.cell_mask.on_black import cells_on_black, nucleus_on_black, small


def cell(side: int = 150, pale: tuple[int, int, int] = (150, 120, 170)) -> np.ndarray:
    pixels = np.zeros((side, side, 3), np.uint8)
    cv2.circle(pixels, (side // 2, side // 2), side // 3, pale, -1)
    cv2.circle(pixels, (side // 2, side // 2), side // 5, (60, 20, 80), -1)
    return pixels


def test_black_stays_black_when_small() -> None:
    pixels = cell(300)
    assert small(pixels).shape == (112, 112, 3)
    assert set(map(tuple, small(pixels).reshape(-1, 3).tolist())) == set(map(tuple, pixels.reshape(-1, 3).tolist()))
    assert small(pixels[:100]) is not pixels
    assert small(pixels[:100]).shape == (100, 300, 3)


def test_crumbs_are_no_cells() -> None:
    pixels = cell()
    pixels[2:12, 2:12] = 90
    assert len(cells_on_black(pixels)) == 1
    pixels[2:32, 2:32] = 90
    assert len(cells_on_black(pixels)) == 2
    assert cells_on_black(np.zeros((9, 9, 3), np.uint8)) == []


def test_the_nucleus_is_the_dark_part() -> None:
    pixels = cell()
    (found,) = cells_on_black(pixels)
    nucleus = nucleus_on_black(pixels, found)
    true = cv2.circle(np.zeros((150, 150), np.uint8), (75, 75), 30, 1, -1) > 0
    assert np.count_nonzero(nucleus & true) / np.count_nonzero(nucleus | true) > 0.85


def test_a_cell_that_is_evenly_dark_is_all_nucleus() -> None:
    pixels = cell(pale=(60, 20, 80))
    (found,) = cells_on_black(pixels)
    assert (nucleus_on_black(pixels, found) == found).all()


def test_a_cell_of_few_pixels_has_an_empty_nucleus_or_one_within() -> None:
    pixels = np.zeros((400, 400, 3), np.uint8)
    pixels[201, 201] = 90
    (found,) = cells_on_black(pixels)
    assert not nucleus_on_black(pixels, found).any()
