from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from leukoscope.reports.figures import confusion_matrix, save_figure


def test_both_files_are_the_same_each_time(tmp_path: Path, binary: dict[str, Any]) -> None:
    first = save_figure(confusion_matrix(binary), tmp_path / "a", "matrix", "words")
    second = save_figure(confusion_matrix(binary), tmp_path / "b", "matrix", "words")
    assert first == second
    for ending in ("svg", "png"):
        one, other = ((tmp_path / folder / f"matrix.{ending}").read_bytes() for folder in ("a", "b"))
        assert one == other
    assert "date" not in first.svg.lower()


def test_text_stays_text_and_is_escaped(tmp_path: Path, binary: dict[str, Any]) -> None:
    binary["titles"][0] = "<b>CD4$^+$ & co"
    drawn = save_figure(confusion_matrix(binary), tmp_path, "matrix", "words")
    words = [element.text for element in ET.fromstring(drawn.svg).iter() if element.tag.endswith("text")]
    assert "<b>CD4$^+$ &" in words
    assert "called" in words


def test_the_width_is_told_in_pixels(tmp_path: Path, binary: dict[str, Any]) -> None:
    assert save_figure(confusion_matrix(binary), tmp_path, "matrix", "words").width == 422
