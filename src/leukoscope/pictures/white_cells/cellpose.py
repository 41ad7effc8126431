"""Cells as Cellpose outlines them, those with a nucleus kept; Cellpose is imported only when it is asked for."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import cv2
import numpy as np

from leukoscope.errors import SettingsError
from leukoscope.pictures.cell_mask.sight import Bits
from leukoscope.pictures.conversion import Pixels
from leukoscope.pictures.white_cells.finding import WITHOUT_RED_CELLS, in_light, large_enough
from leukoscope.pictures.white_cells.nuclei import LEAST_NUCLEUS, RED_AREA
from leukoscope.pictures.white_cells.ruler import red_cell_diameter
from leukoscope.pictures.white_cells.view import view_of
from leukoscope.pictures.white_cells.white_cell import WhiteCell, placed

Segmenter = Callable[[Pixels, float], np.ndarray]
"""From a field and the cells' diameter in px to (h, w) whole numbers: the cell of each pixel, 0 for none."""


def cellpose_finder() -> Callable[[Pixels, float | None], list[WhiteCell]]:
    """Return the search with Cellpose's own weights, which it fetches when it first works.

    Raises:
        SettingsError: Cellpose is not installed.
    """
    segment = _segmenter(_models())
    return lambda pixels, red_cell: nucleated(pixels, red_cell, segment)


def nucleated(pixels: Pixels, red_cell: float | None, segment: Segmenter) -> list[WhiteCell]:
    """Return those of the cells that hold a nucleus (``azure``), from top to bottom.

    Args:
        pixels: (h, w, 3) uint8, RGB.
        red_cell: Diameter of a red cell in px; measured where None.
        segment: What outlines cells of every kind.

    Raises:
        DataError: as of ``find_white_cells``.
    """
    lit = in_light(pixels)
    if red_cell is None:
        red_cell = red_cell_diameter(lit) or max(min(lit.shape[:2]) / WITHOUT_RED_CELLS, 1.0)
    view = view_of(lit, red_cell)
    size = (lit.shape[1], lit.shape[0])
    dark = np.asarray(cv2.resize(view.dark, size, interpolation=cv2.INTER_NEAREST), dtype=np.uint8)
    numbers = segment(lit, red_cell)
    least = LEAST_NUCLEUS * RED_AREA / view.scale**2
    counts = np.bincount(numbers[dark > 0].ravel(), minlength=1)
    found = [_cell(numbers, dark, int(number)) for number in np.flatnonzero(counts >= least) if number]
    cells = [cell for cell in found if cell is not None and large_enough(cell, view.scale)]
    return sorted(cells, key=lambda cell: (cell.top, cell.left))


def _cell(numbers: np.ndarray, dark: Bits, number: int) -> WhiteCell | None:
    cell = (numbers == number).astype(np.uint8)
    return placed(cell, dark * cell, (0, 0), 1.0, (cell.shape[0], cell.shape[1]))


def _models() -> Any:  # noqa: ANN401 - a module without types
    try:
        return importlib.import_module("cellpose.models")
    except ImportError:
        raise SettingsError(
            "The backend 'cellpose' needs Cellpose, which is not installed.",
            do="Install it (pip install 'leukoscope[cellpose]'), or leave --backend out.",
        ) from None


def _segmenter(models: Any) -> Segmenter:  # noqa: ANN401 - a module without types
    model = models.CellposeModel(gpu=False)

    def segment(pixels: Pixels, diameter: float) -> np.ndarray:
        return np.asarray(model.eval(pixels, diameter=diameter, channel_axis=-1)[0], dtype=np.int64)

    return segment
