from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from leukoscope.extraction.searching import Found
from leukoscope.extraction.squares import Square
from leukoscope.extraction.tables import Writer
from leukoscope.pictures.white_cells import WhiteCell

MASK = np.ones((4, 5), bool)
PIXELS = np.full((300, 300, 3), 7, np.uint8)


def found(*cut_off: bool) -> Found:
    cells = tuple(WhiteCell(1, 2, 6, 6, MASK, MASK, cut_off=one) for one in cut_off)
    return Found(50, 60, cells, (Square(PIXELS, -3, 4, 300, 0.25),) * len(cells))


def row(field: str) -> dict[str, str | None]:
    return {"field": field, "path": f"{field}.png", "patient": None, "problem": None}


def test_a_row_a_cell_and_a_row_a_field(tmp_path: Path) -> None:
    writer = Writer(tmp_path, whole=False)
    writer.add(row("P/a"), found(False, True))
    writer.add(row("b"), Found(problem="Bad."))
    writer.close()
    cells, fields = pl.read_csv(tmp_path / "cells.csv"), pl.read_csv(tmp_path / "fields.csv")
    assert cells["id"].to_list() == ["P/a_01", "P/a_02"]
    assert cells.row(1)[4:] == ("P/a", 1, 2, 6, 6, 1, 20, 20, -3, 4, 300, 0.25)
    assert fields.rows() == [("P/a", "P/a.png", None, 60, 50, 2, None), ("b", "b.png", None, None, None, None, "Bad.")]
    assert (writer.fields, writer.damaged, writer.cells, writer.cut_off, writer.first) == (
        2,
        1,
        2,
        1,
        ("b.png", "Bad."),
    )
    assert (tmp_path / "pictures" / "P" / "a_02.png").is_file()
    assert [pixels.shape for _, pixels in writer.shown_cells] == [(160, 160, 3)] * 2


def test_cells_that_the_edge_cuts_off_may_be_left_out(tmp_path: Path) -> None:
    writer = Writer(tmp_path, whole=True)
    writer.add(row("a"), found(True, False))
    writer.close()
    assert pl.read_csv(tmp_path / "cells.csv")["cut_off"].to_list() == [0]
    assert (writer.cells, writer.cut_off) == (1, 1)


@pytest.mark.parametrize("name", ["../../evil", "/etc/evil", "..\\evil", "C:\\evil", "a/../evil"])
def test_no_name_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "deep" / "er"
    folder.mkdir(parents=True)
    writer = Writer(folder, whole=False)
    writer.add(row(name), found(False))
    writer.close()
    written = [path for path in tmp_path.rglob("*.png") if path.is_file()]
    assert len(written) == 1
    assert written[0].resolve().is_relative_to(folder.resolve() / "pictures")
    assert pl.read_csv(folder / "cells.csv")["id"].to_list() == [f"{name}_01"]
