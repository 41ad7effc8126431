from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from leukoscope.errors import SettingsError
from leukoscope.reports.framing_sheet import framing_sheet
from leukoscope.reports.sheets import GAP, TILE


def plain(side: int, *colour: int) -> np.ndarray:
    return np.full((side, side, 3), colour, dtype=np.uint8)


def test_each_cell_stands_left_of_what_it_becomes(tmp_path: Path) -> None:
    before = [plain(40, 200, 0, 0), plain(80, 0, 200, 0), plain(40, 0, 0, 200)]
    after = [plain(16, 100, 0, 0), plain(16, 0, 100, 0), plain(16, 0, 0, 100)]
    path = framing_sheet(before, after, tmp_path / "framing.png", ids=["a", "b", "c"], pairs=2)
    with Image.open(path) as opened:
        pixels = np.asarray(opened)
    line = (len(pixels) - GAP) // 2
    middles = [GAP + place * (TILE + GAP) + TILE // 2 for place in range(4)]
    seen = [[tuple(pixels[GAP + row * line + TILE // 2, x]) for x in middles] for row in range(2)]
    assert seen[0] == [(200, 0, 0), (100, 0, 0), (0, 200, 0), (0, 100, 0)]
    assert seen[1][:2] == [(0, 0, 200), (0, 0, 100)]


def test_unequal_numbers_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        framing_sheet([plain(8, 0, 0, 0)], [], tmp_path / "sheet.png", ids=["a"])
    assert str(caught.value) == (
        "A sheet of framing needs each cell before and after, with its id; got 1 before, 0 after, 1 ids."
    )
