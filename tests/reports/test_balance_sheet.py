from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from leukoscope.errors import SettingsError
from leukoscope.reports.balance_sheet import balance_sheet
from leukoscope.reports.sheets import GAP, TILE


def plain(*colour: int) -> np.ndarray:
    return np.full((16, 16, 3), colour, dtype=np.uint8)


def test_each_cell_stands_left_of_its_copies(tmp_path: Path) -> None:
    cells = [[plain(10 * cell + 50, 60 * copy, 200) for copy in range(3)] for cell in range(3)]
    names = [[f"c{cell}", "turned 90", "mirrored"] for cell in range(3)]
    path = balance_sheet(cells, names, tmp_path / "balance.png", columns=7)
    with Image.open(path) as opened:
        pixels = np.asarray(opened)
    # Two cells of three pictures each fit in a row of seven.
    assert pixels.shape[1] == 6 * (TILE + GAP) + GAP
    line = (len(pixels) - GAP) // 2
    middles = [GAP + place * (TILE + GAP) + TILE // 2 for place in range(6)]
    seen = [[tuple(pixels[GAP + row * line + TILE // 2, x]) for x in middles] for row in range(2)]
    assert seen[0] == [(50, 0, 200), (50, 60, 200), (50, 120, 200), (60, 0, 200), (60, 60, 200), (60, 120, 200)]
    assert seen[1][:3] == [(70, 0, 200), (70, 60, 200), (70, 120, 200)]


@pytest.mark.parametrize(("cells", "names"), [([], []), ([[plain(0, 0, 0)]], [["a", "b"]])])
def test_unequal_numbers_are_refused(tmp_path: Path, cells: list[list[np.ndarray]], names: list[list[str]]) -> None:
    with pytest.raises(SettingsError) as caught:
        balance_sheet(cells, names, tmp_path / "balance.png")
    assert str(caught.value) == (
        "A sheet of copies needs cells with equal numbers of copies, and a name for each picture; got "
        f"{[len(group) for group in cells]} pictures, {[len(group) for group in names]} names."
    )
