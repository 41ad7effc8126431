from __future__ import annotations

import sys
from pathlib import Path

import polars as pl
import pytest
from PIL import Image

from leukoscope.cli import main as command_line
from leukoscope.drawn import draw_look
from leukoscope.drawn.whole_field import draw_field
from leukoscope.randomness import generator


def said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str]:
    """Run ``leukoscope extract`` in this process: exit code, and all that it printed."""
    monkeypatch.setattr(sys, "argv", ["leukoscope", "extract", *map(str, arguments)])
    with pytest.raises(SystemExit) as stopped:
        command_line.main()
    printed = capsys.readouterr()
    return int(stopped.value.code or 0), printed.err + printed.out


@pytest.fixture
def field(tmp_path: Path) -> Path:
    chance = generator(0, "verb")
    drawn = draw_field(["monocyte"], size=200, look=draw_look(0, "P"), generator=chance, field=50.0)
    Image.fromarray(drawn.pixels).save(tmp_path / "field.png")
    return tmp_path / "field.png"


def test_the_verb_writes_cells_and_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], field: Path, tmp_path: Path
) -> None:
    out = tmp_path / "cells"
    code, text = said(monkeypatch, capsys, field, "--out", out, "--size", 64, "--mask", "cell", "--red-cell", 28)
    assert code == 0
    assert "1 white cell in 1 field" in text
    assert pl.read_csv(out / "cells.csv")["id"].to_list() == ["field_01"]
    with Image.open(out / "pictures" / "field_01.png") as cell:
        assert cell.getpixel((0, 0)) == (0, 0, 0)


def test_with_a_reader_there_is_one_data_set(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], field: Path, tmp_path: Path
) -> None:
    code, text = said(monkeypatch, capsys, field, field, "--out", tmp_path / "out", "--reader", "bccd")
    assert code == 2
    assert "With --reader there is one data set, not several." in text
    assert not (tmp_path / "out").exists()


def test_without_cellpose_the_backend_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], field: Path, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "cellpose", None)
    code, text = said(monkeypatch, capsys, field, "--out", tmp_path / "out", "--backend", "cellpose")
    assert code == 2
    assert "pip install 'leukoscope[cellpose]'" in text
