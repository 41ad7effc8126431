from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from leukoscope.explanation.sheets import BETWEEN, TILE, write_sheet


def test_each_cell_stands_where_it_is_said_to(tmp_path: Path) -> None:
    pictures = np.stack([np.full((10, 20, 3), shade, np.uint8) for shade in (10, 100, 200)])
    maps = np.zeros((3, 2, 2), np.float32)
    corners = write_sheet(tmp_path / "sheet.png", pictures, maps, ["a", "b", "c" * 500], scale=1.0, columns=2)
    sheet = np.asarray(Image.open(tmp_path / "sheet.png"))
    for (left, top), shade in zip(corners, (10, 100, 200), strict=True):
        assert (sheet[top + TILE // 2, left + TILE // 2] == shade).all()
        assert (sheet[top, left] == 255).all(), "a picture that is not square keeps its proportions"
        beside = sheet[top + TILE // 2, left + TILE + BETWEEN + TILE // 2]
        assert beside[0] > shade
    assert corners[1][0] > corners[0][0] + 2 * TILE
    assert corners[2][1] > corners[0][1] + TILE
