from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from leukoscope.audit.checks import masks

LayOut = Callable[..., Any]


@pytest.fixture
def rows(tmp_path: Path) -> list[dict[str, Any]]:
    """Ten pictures with masks of 0, 128 and 255; the fourth has seven stray pixels, the last mask is not there."""
    for number in range(9):
        mask = np.zeros((40, 40), np.uint8)
        mask[5:30, 5:30], mask[10:20, 10:20] = 128, 255
        if number == 3:
            mask[0, :4], mask[1, :3] = 127, 3
        cv2.imwrite(str(tmp_path / f"{number}.png"), mask)
    return [{"id": f"c{number}", "mask": f"{number}.png"} for number in range(10)]


def test_stray_values(lay_out: LayOut, rows: list[dict[str, Any]], tmp_path: Path) -> None:
    (found,) = masks.stray_values_in_masks(lay_out(rows, root=tmp_path).evidence())
    assert (found.code, found.severity, found.count) == ("stray_values_in_masks", "warning", 1)
    assert found.sentence == (
        "1 mask of 9 with stray grey values, 7 pixels in all; the values that mean something are 0, 128, 255."
    )
    assert found.table.rows() == [("c3", 7, [3, 127])]
    assert masks.stray_values_in_masks(lay_out(rows[4:], root=tmp_path).evidence()) == []


def test_missing_masks(lay_out: LayOut, rows: list[dict[str, Any]], tmp_path: Path) -> None:
    (found,) = masks.masks_missing(lay_out([*rows, {"id": "c99", "mask": None}], root=tmp_path).evidence())
    assert (found.severity, found.count) == ("warning", 2)
    assert found.sentence == "2 pictures of 11 without a mask: c9, c99."
    assert masks.masks_missing(lay_out(rows[:9], root=tmp_path).evidence()) == []


def test_no_masks_at_all(lay_out: LayOut, rows: list[dict[str, Any]], tmp_path: Path) -> None:
    evidence = lay_out([{"id": "a"}]).evidence()
    assert masks.masks_missing(evidence) == masks.stray_values_in_masks(evidence) == []
    elsewhere = lay_out(rows, root=tmp_path / "nowhere").evidence()
    assert masks.masks_missing(elsewhere) == masks.stray_values_in_masks(elsewhere) == []
