from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest

from leukoscope.extraction.searching import BOX, Search, Task, boxed, search_all, search_one
from leukoscope.extraction.squares import Cutting
from leukoscope.pictures.white_cells import WhiteCell, find_white_cells

SEARCH = Search(find_white_cells, 28.0, Cutting(64))


def test_a_field_is_searched_and_cut(smears: Path) -> None:
    found = search_one(Task(smears / "P01" / "a.png", shown=True), SEARCH)
    assert (found.height, found.width, found.problem) == (240, 240, None)
    assert len(found.cells) == len(found.squares) == 2
    assert [square.pixels.shape for square in found.squares] == [(64, 64, 3)] * 2
    assert found.sheet is not None
    assert (found.sheet == BOX).all(axis=2).any()


def test_what_cannot_be_read_says_so(smears: Path) -> None:
    found = search_one(Task(smears / "P02" / "d.png"), SEARCH)
    assert found.cells == ()
    assert found.problem is not None
    assert found.problem.startswith("The picture is damaged or cut off")


def test_the_order_is_that_of_the_fields_and_few_are_in_memory(smears: Path) -> None:
    lock, begun, taken, most = threading.Lock(), 0, 0, 0

    def count(_pixels: np.ndarray, _red_cell: float | None) -> list[WhiteCell]:
        nonlocal begun, most
        with lock:
            begun += 1
            most = max(most, begun - taken)
        return []

    names = ["P01/a.png", "P02/d.png", "P01/b.png"] * 10
    problems = []
    for found in search_all((Task(smears / name) for name in names), Search(count, None, Cutting(16)), workers=2):
        problems.append(found.problem is not None)
        with lock:
            taken += found.problem is None
    assert problems == [name.startswith("P02") for name in names]
    assert begun == 20
    assert most <= 5


@pytest.mark.parametrize(("shape", "size"), [((960, 1200), (480, 600)), ((100, 80), (100, 80))])
def test_boxes_are_drawn_at_the_sheets_size(shape: tuple[int, int], size: tuple[int, int]) -> None:
    pixels = np.full((*shape, 3), 230, np.uint8)
    pixels.setflags(write=False)
    mask = np.ones((20, 40), bool)
    shown = boxed(pixels, [WhiteCell(20, 40, 60, 60, mask, mask, cut_off=False)])
    assert shown.shape[:2] == size
    scale = size[0] / shape[0]
    assert (shown[round(40 * scale), round(30 * scale)] == BOX).all()
    assert (shown[round(50 * scale), round(40 * scale)] == 230).all()
