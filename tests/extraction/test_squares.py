from __future__ import annotations

import numpy as np
import pytest

from leukoscope.errors import SettingsError
from leukoscope.extraction.squares import Cutting, ground_of, square_about
from leukoscope.pictures.white_cells import WhiteCell

GROUND = np.array([230, 229, 228], np.uint8)


def field() -> np.ndarray:
    pixels = np.empty((60, 80, 3), np.uint8)
    pixels[:] = GROUND
    pixels[20:30, 30:50] = (10, 20, 30)
    return pixels


def cell(left: int = 30, top: int = 20, right: int = 50, bottom: int = 30) -> WhiteCell:
    whole = np.ones((bottom - top, right - left), bool)
    nucleus = np.zeros_like(whole)
    nucleus[2:4, 3:6] = True
    return WhiteCell(left, top, right, bottom, whole, nucleus, cut_off=False)


def test_the_middle_of_the_square_is_the_middle_of_the_cell() -> None:
    square = square_about(cell(), field(), GROUND, Cutting(24))
    assert (square.left, square.top, square.side, square.padded) == (28, 13, 24, 0.0)
    assert np.array_equal(square.pixels, field()[13:37, 28:52])


@pytest.mark.parametrize(("at", "corner"), [((0, 0), (-6, -11)), ((60, 50), (54, 39))])
def test_beyond_the_field_there_is_its_ground(at: tuple[int, int], corner: tuple[int, int]) -> None:
    left, top = at
    square = square_about(cell(left, top, left + 20, top + 10), field(), GROUND, Cutting(32))
    assert (square.left, square.top) == corner
    assert square.padded == 1 - 26 * 21 / 32**2
    assert (square.pixels[0 if left == 0 else -1, 0 if left == 0 else -1] == GROUND).all()
    shown = field()[max(top - 11, 0) : top + 21, max(left - 6, 0) : left + 26]
    rows, columns = max(-corner[1], 0), max(-corner[0], 0)
    assert np.array_equal(square.pixels[rows : rows + len(shown), columns : columns + shown.shape[1]], shown)


def test_a_mask_leaves_the_rest_black() -> None:
    of_cell = square_about(cell(), field(), GROUND, Cutting(40, mask="cell")).pixels
    of_nucleus = square_about(cell(), field(), GROUND, Cutting(40, mask="nucleus")).pixels
    assert (of_cell.any(axis=2).sum(), of_nucleus.any(axis=2).sum()) == (200, 6)
    assert of_nucleus[17, 13].tolist() == [10, 20, 30]
    smaller = square_about(cell(), field(), GROUND, Cutting(16, mask="cell")).pixels
    assert smaller.any(axis=2).sum() == 160


@pytest.mark.parametrize(("scale", "side"), [(0.5, 80), (2.0, 20), (1.25, 32)])
def test_the_scale_changes_how_much_of_the_field_is_seen(scale: float, side: int) -> None:
    square = square_about(cell(), field(), GROUND, Cutting(40, scale))
    assert (square.side, square.pixels.shape) == (side, (40, 40, 3))
    assert square.pixels[20, 20].tolist() == pytest.approx([10, 20, 30], abs=25)


def test_the_ground_is_what_is_bright() -> None:
    assert ground_of(field()).tolist() == GROUND.tolist()
    assert ground_of(np.zeros((3, 4, 3), np.uint8)).tolist() == [0, 0, 0]


@pytest.mark.parametrize(
    ("size", "scale", "mask", "said"),
    [
        (8, 1.0, None, "The squares have a side of 16 to 4,096 px, not 8."),
        (64, 0.0, None, "The scale is 1/64 to 64, not 0."),
        (64, float("nan"), None, "The scale is 1/64 to 64, not nan."),
        (64, 1.0, "cytoplasm", "The mask is one of nucleus, cell, not 'cytoplasm'."),
    ],
)
def test_values_out_of_range_are_refused(size: int, scale: float, mask: object, said: str) -> None:
    with pytest.raises(SettingsError) as caught:
        Cutting(size, scale, mask)  # type: ignore[arg-type]
    assert str(caught.value) == said
