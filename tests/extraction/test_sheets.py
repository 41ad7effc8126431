from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from PIL import Image

from leukoscope.extraction.sheets import GAP, LINE, WIDTH, fields_sheet, write_sheets


def test_fields_stand_in_rows_of_four_at_one_width() -> None:
    wide, high = np.full((240, 480, 3), 10, np.uint8), np.full((100, 50, 3), 20, np.uint8)
    sheet = Image.open(io.BytesIO(fields_sheet([("a", wide)] * 4 + [("b", high)])))
    assert sheet.width == 4 * (WIDTH + GAP) + GAP
    assert sheet.height == (240 + LINE + GAP) + (960 + LINE + GAP) + GAP
    assert sheet.getpixel((GAP + 5, GAP + 5)) == (10, 10, 10)
    assert sheet.getpixel((GAP + 5, 240 + LINE + 2 * GAP + 5)) == (20, 20, 20)


def test_without_cells_there_is_no_sheet_of_cells(tmp_path: Path) -> None:
    pixels = np.full((30, 30, 3), 10, np.uint8)
    write_sheets(tmp_path, [("a", pixels)], [])
    assert [path.name for path in tmp_path.iterdir()] == ["fields.png"]
    write_sheets(tmp_path, [("a", pixels)], [("a_01", pixels)])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cells.png", "fields.png"]
