from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from leukoscope.drawn.whole_field import DrawnField
from leukoscope.errors import DataError
from leukoscope.pictures.white_cells import WhiteCell, find_white_cells
from leukoscope.pictures.white_cells.finding import large_enough

Draw = Callable[..., DrawnField]
KINDS = ("lymphocyte", "segmented_neutrophil", "monocyte")
SEEDS = (1, 2, 3, 5)


def overlap(one: tuple[int, ...], other: tuple[int, ...]) -> float:
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    if min(width, height) <= 0:
        return 0.0
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)]
    return width * height / (sum(areas) - width * height)


def found_of(cells: list[WhiteCell], boxes: tuple[tuple[int, ...], ...]) -> int:
    return sum(max((overlap(cell.box, box) for cell in cells), default=0.0) > 0.5 for box in boxes)


@pytest.mark.parametrize("number", SEEDS)
def test_every_white_cell_of_a_drawn_field_is_found_and_nothing_else(drawn: Draw, number: int) -> None:
    field = drawn(*KINDS, number=number)
    cells = find_white_cells(field.pixels)
    assert len(cells) == 3
    assert found_of(cells, field.boxes) == 3


def test_a_field_of_red_cells_and_platelets_has_no_white_cell(drawn: Draw) -> None:
    assert find_white_cells(drawn("platelet", "platelet", number=4).pixels) == []


@pytest.mark.parametrize("colour", [(235, 235, 235), (255, 255, 255), (120, 60, 130)])
def test_a_field_of_one_colour_has_none(colour: tuple[int, int, int]) -> None:
    assert find_white_cells(np.full((90, 120, 3), colour, dtype=np.uint8)) == []


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (7, 3), (40, 600)])
def test_a_tiny_or_narrow_field_is_no_fault(shape: tuple[int, int]) -> None:
    noise = np.random.default_rng(0).integers(150, 250, (*shape, 3)).astype(np.uint8)
    for cell in find_white_cells(noise):
        assert cell.nucleus.any()


@pytest.mark.parametrize("scale", [0.5, 2.0, 3.0])
def test_another_magnification_finds_the_same_cells(drawn: Draw, scale: float) -> None:
    field = drawn(*KINDS, number=1)
    other = cv2.resize(field.pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    boxes = tuple(tuple(round(side * scale) for side in box) for box in field.boxes)
    cells = find_white_cells(np.asarray(other, dtype=np.uint8))
    assert (len(cells), found_of(cells, boxes)) == (3, 3)


def pale(pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
    return 255 - (255 - pixels.astype(float)) * 0.6


def yellow(pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
    return pixels * np.array([1.0, 0.9, 0.75])


def dark_corners(pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
    y, x = np.mgrid[-1 : 1 : pixels.shape[0] * 1j, -1 : 1 : pixels.shape[1] * 1j]
    return pixels * (1 - 0.2 * (x**2 + y**2))[..., None]


@pytest.mark.parametrize("change", [pale, yellow, dark_corners], ids=lambda change: change.__name__)
def test_neither_stain_nor_lamp_nor_dark_corners_matter(drawn: Draw, change: Callable[..., Any]) -> None:
    field = drawn(*KINDS, number=2)
    cells = find_white_cells(np.clip(change(field.pixels), 0, 255).astype(np.uint8))
    assert (len(cells), found_of(cells, field.boxes)) == (3, 3)


def test_masks_lie_in_their_boxes_and_hold_their_nuclei(drawn: Draw) -> None:
    field = drawn(*KINDS, number=3)
    for cell in find_white_cells(field.pixels):
        assert cell.cell.shape == cell.nucleus.shape == (cell.bottom - cell.top, cell.right - cell.left)
        assert cell.cell.any(axis=0).all()
        assert cell.cell.any(axis=1).all()
        assert not (cell.nucleus & ~cell.cell).any()
        inside = field.pixels[cell.top : cell.bottom, cell.left : cell.right][cell.nucleus]
        assert inside[:, 1].mean() < 110  # nuclei are dark in green


def test_a_cell_at_the_edge_says_so() -> None:
    field = np.full((160, 200, 3), 235, np.uint8)
    cv2.circle(field, (0, 80), 20, (120, 60, 150), -1)
    cv2.circle(field, (120, 80), 20, (120, 60, 150), -1)
    left, middle = sorted(find_white_cells(field, red_cell=28), key=lambda cell: cell.left)
    assert (left.cut_off, middle.cut_off) == (True, False)
    assert left.left == 0
    assert overlap(middle.box, (100, 60, 141, 101)) > 0.85


def test_two_nuclei_in_touching_cells_are_two_cells() -> None:
    field = np.full((160, 200, 3), 235, np.uint8)
    for column in (80, 118):
        cv2.circle(field, (column, 80), 20, (180, 160, 210), -1)
        cv2.circle(field, (column, 80), 13, (110, 50, 140), -1)
    cells = find_white_cells(field, red_cell=28)
    assert len(cells) == 2
    both = np.zeros((160, 200), dtype=int)
    for cell in cells:
        both[cell.top : cell.bottom, cell.left : cell.right] += cell.cell
    assert (both > 1).sum() <= 60


def test_cells_cut_out_on_black_are_no_field() -> None:
    picture = np.zeros((120, 120, 3), np.uint8)
    cv2.circle(picture, (60, 60), 30, (120, 60, 130), -1)
    with pytest.raises(DataError) as caught:
        find_white_cells(picture)
    assert str(caught.value) == "This is no field of a smear: its cells are cut out on black."


def test_a_round_field_of_view_on_black_is_searched_all_the_same(drawn: Draw) -> None:
    field = drawn("lymphocyte", size=480, number=6)
    box = field.boxes[0]
    middle = ((box[0] + box[2]) // 2, (box[1] + box[3]) // 2)
    round_ = np.zeros_like(field.pixels)
    cv2.circle(round_, middle, 200, (1, 1, 1), -1)
    cells = find_white_cells(field.pixels * round_, red_cell=58)
    assert found_of(cells, field.boxes) == 1


def test_a_small_cell_with_a_small_nucleus_is_no_white_cell() -> None:
    for radius, nucleus, cut_off, enough in (
        (16, 5, False, True),
        (14, 9, False, False),
        (14, 12, False, True),
        (13, 5, True, True),
        (12, 5, True, False),
    ):
        discs = np.zeros((2, 41, 41), np.uint8)
        for disc, size in zip(discs, (radius, nucleus), strict=True):
            cv2.circle(disc, (20, 20), size, 1, -1)
        cell = WhiteCell(0, 0, 41, 41, discs[0] > 0, discs[1] > 0, cut_off)
        assert large_enough(cell, 1.0) is enough
