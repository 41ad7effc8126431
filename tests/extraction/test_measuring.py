from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from leukoscope.extraction import measuring
from leukoscope.extraction.measuring import common_red_cell


def field(path: Path, radius: int) -> Path:
    pixels = np.full((150, 200, 3), 235, np.uint8)
    for column in range(4):
        for row in range(3):
            cv2.circle(pixels, (48 * column + 25, 48 * row + 25), radius, (130, 130, 190), -1)
    cv2.imwrite(str(path), pixels)
    return path


def test_the_median_of_the_fields(tmp_path: Path) -> None:
    files = [field(tmp_path / f"{number}.png", radius) for number, radius in enumerate((13, 14, 14, 15))]
    (tmp_path / "bad.png").write_bytes(b"no picture")
    red_cell, said = common_red_cell([*files, tmp_path / "bad.png"])
    assert red_cell == pytest.approx(28, rel=0.12)
    assert said is None


def test_other_magnifications_are_told_and_not_mixed(tmp_path: Path) -> None:
    red_cell, said = common_red_cell([field(tmp_path / f"{size}.png", size) for size in (6, 6, 20, 20)])
    assert red_cell is None
    assert said is not None
    assert said.endswith("each field is measured by itself. Extract magnifications one by one, or give --red-cell.")


def test_without_red_cells_there_is_nothing_to_measure(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "empty.png"), np.full((60, 60, 3), 230, np.uint8))
    said = "No field shows enough red cells to measure: sizes are guessed. Give --red-cell."
    assert common_red_cell([tmp_path / "empty.png"]) == (None, said)
    assert common_red_cell([]) == (None, said)


def test_of_many_fields_a_few_are_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Path] = []

    def read(path: Path) -> None:
        asked.append(path)
        raise measuring.DataError("No.")

    monkeypatch.setattr(measuring, "read_content", read)
    common_red_cell([tmp_path / str(number) for number in range(1_000)])
    assert (len(asked), asked[0].name, asked[-1].name) == (24, "0", "999")
