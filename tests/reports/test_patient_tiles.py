from __future__ import annotations

import base64
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from leukoscope.errors import DataError
from leukoscope.reports.patient_tiles import cut_pair, read_sheet, tile_uri


def test_a_pair_is_cut_out_where_it_stands(tmp_path: Path) -> None:
    sheet = np.random.default_rng(0).integers(0, 255, (60, 90, 3), dtype=np.uint8)
    Image.fromarray(sheet).save(tmp_path / "sheet.png")
    pair = cut_pair(read_sheet(tmp_path / "sheet.png"), 7, 11, tile=20, between=2)
    assert np.array_equal(pair, sheet[11:31, 7:49])


def test_a_tile_becomes_a_jpeg_within_the_page() -> None:
    uri = tile_uri(np.full((20, 42, 3), 200, np.uint8))
    with Image.open(io.BytesIO(base64.b64decode(uri.removeprefix("data:image/jpeg;base64,")))) as opened:
        assert opened.size == (42, 20)


def test_a_damaged_sheet_is_named(tmp_path: Path) -> None:
    (tmp_path / "sheet.png").write_bytes(b"no picture")
    with pytest.raises(DataError) as raised:
        read_sheet(tmp_path / "sheet.png")
    assert str(raised.value).startswith("This sheet of cells cannot be read: ")
    assert str(raised.value).endswith(f"\n  where: {tmp_path / 'sheet.png'}")
