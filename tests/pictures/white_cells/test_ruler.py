from __future__ import annotations

import cv2
import numpy as np
import pytest

from leukoscope.pictures.white_cells import red_cell_diameter


def discs(*places: tuple[int, int], radius: int = 20, colour: tuple[int, int, int] = (190, 130, 130)) -> np.ndarray:
    field = np.full((300, 400, 3), 235, np.uint8)
    for place in places:
        cv2.circle(field, place, radius, colour, -1)
    return field


PLACES = [(60 * column + 40, 60 * row + 40) for column in range(6) for row in range(4)]


@pytest.mark.parametrize("radius", [8, 14, 25])
def test_discs_are_measured(radius: int) -> None:
    assert red_cell_diameter(discs(*PLACES, radius=radius)) == pytest.approx(2 * radius, rel=0.12)


def test_red_cells_with_a_pale_middle_and_touching_ones_too() -> None:
    field = discs(*PLACES, *[(x + 30, y) for x, y in PLACES[:6]])
    for place in PLACES:
        cv2.circle(field, place, 7, (225, 215, 215), -1)
    assert red_cell_diameter(field) == pytest.approx(40, rel=0.15)


def test_white_cells_do_not_count() -> None:
    field = discs(*PLACES[:12], radius=12)
    cv2.circle(field, (320, 200), 70, (120, 60, 150), -1)
    assert red_cell_diameter(field) == pytest.approx(24, rel=0.15)


def test_a_large_field_is_measured_in_its_own_pixels() -> None:
    large = cv2.resize(discs(*PLACES), None, fx=4, fy=4, interpolation=cv2.INTER_LINEAR)
    assert red_cell_diameter(np.asarray(large, np.uint8)) == pytest.approx(160, rel=0.12)


def test_an_empty_field_has_no_measure() -> None:
    assert red_cell_diameter(np.full((100, 100, 3), 230, np.uint8)) is None
    assert red_cell_diameter(discs((50, 50), radius=5)) is None
