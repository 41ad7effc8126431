from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

import cv2
import numpy as np
import pytest

from leukoscope.errors import SettingsError
from leukoscope.pictures.white_cells import finder

PURPLE, PINK, RED = (110, 50, 140), (200, 170, 205), (190, 130, 130)


def field() -> tuple[np.ndarray, np.ndarray]:
    """Return a field of a white and two red cells, and the number of each."""
    pixels, numbers = np.full((160, 240, 3), 235, np.uint8), np.zeros((160, 240), np.uint16)
    for number, (place, radius, colour) in enumerate(
        [((60, 80), 14, RED), ((150, 80), 26, PINK), ((210, 40), 14, RED)], start=1
    ):
        cv2.circle(pixels, place, radius, colour, -1)
        cv2.circle(numbers, place, radius, number, -1)
    cv2.circle(pixels, (150, 80), 15, PURPLE, -1)
    return pixels, numbers


def test_of_the_cells_that_cellpose_outlines_those_with_a_nucleus_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    pixels, numbers = field()
    asked: list[Any] = []

    class CellposeModel:
        def __init__(self, *, gpu: bool) -> None:
            asked.append(gpu)

        def eval(self, x: np.ndarray, *, diameter: float, channel_axis: int) -> tuple[np.ndarray, None, None]:
            asked.append((x.shape, diameter, channel_axis))
            return numbers, None, None

    models = ModuleType("cellpose.models")
    models.CellposeModel = CellposeModel  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "cellpose", ModuleType("cellpose"))
    monkeypatch.setitem(sys.modules, "cellpose.models", models)
    cells = finder("cellpose")(pixels, 28.0)
    assert asked == [False, ((160, 240, 3), 28.0, -1)]
    assert [cell.box for cell in cells] == [(124, 54, 177, 107)]
    assert cells[0].nucleus.sum() == pytest.approx(np.pi * 15**2, rel=0.1)


def test_without_cellpose_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cellpose", None)
    monkeypatch.setitem(sys.modules, "cellpose.models", None)
    with pytest.raises(SettingsError) as caught:
        finder("cellpose")
    assert str(caught.value) == (
        "The backend 'cellpose' needs Cellpose, which is not installed.\n"
        "  what to do: Install it (pip install 'leukoscope[cellpose]'), or leave --backend out."
    )
