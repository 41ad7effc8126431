"""Ten named measures of the cell in the middle of a picture: size, shape and stain of nucleus and cytoplasm."""

from __future__ import annotations

import math
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage.measure import perimeter

from leukoscope.pictures.cell_light import cell_light
from leukoscope.pictures.cell_outline import SIDE, Bits, Outline, grown, outline_cell
from leukoscope.pictures.conversion import Pixels
from leukoscope.pictures.optical_density import Mask, Plane

VERSION = 2
"""Raised whenever the same picture would give other values."""
DENSEST = math.log(256)
FEWEST = 50.0
"""So many px (of a picture of 224 px) of cytoplasm, or of the nucleus' inside, at least; else more is taken."""
INSIDE, RING = 3.0, 6.0

Values = NDArray[np.float32]


@dataclass(frozen=True)
class CellMeasure:
    """What one of the ten numbers is.

    Args:
        name: Its name in tables.
        unit: Its unit.
        range: Its lowest and highest value.
        meaning: What a haematologist would call it.
    """

    name: str
    unit: str
    range: tuple[float, float]
    meaning: str


MEASURES: tuple[CellMeasure, ...] = (
    CellMeasure("log_nucleus_area", "ln(px)", (0, math.inf), "Size of the nucleus."),
    CellMeasure("nucleus_to_cell", "share", (0, 1), "Nucleus-to-cell ratio: 1 is a naked nucleus."),
    CellMeasure("nucleus_roundness", "1", (0, 2), "Roundness of the nucleus: a disc has 1; cleft, dented, lobed less."),
    CellMeasure("log_cell_area", "ln(px)", (0, math.inf), "Size of the cell."),
    CellMeasure("nucleus_red_density", "ln", (-DENSEST, DENSEST), "How darkly the chromatin is stained."),
    CellMeasure("nucleus_red_density_sd", "ln", (0, DENSEST), "How unevenly: clumped chromatin, or smooth."),
    CellMeasure("chromatin_grain", "ln", (0, DENSEST), "How coarse the chromatin is from one pixel to the next."),
    CellMeasure("cytoplasm_red_density", "ln", (-DENSEST, DENSEST), "How deeply blue the cytoplasm is."),
    CellMeasure("cytoplasm_blue_density", "ln", (-DENSEST, DENSEST), "How pink or granular the cytoplasm is."),
    CellMeasure("cytoplasm_basophilia", "ln", (-2 * DENSEST, 2 * DENSEST), "How much more blue than pink it is."),
)
"""In order. Areas are in px of the picture as framed; densities are natural logarithms, as ``cell_light`` has them."""


def measure_cell(pixels: Pixels) -> Values:
    """Measure the cell in the middle of a picture.

    Every picture gives finite values. Where no nucleus is found, a disc in the middle stands for it (radius 25 px of
    224); where next to no cytoplasm is seen, a narrow ring about the nucleus does; what lies on black hides, and a
    black picture has densities of 0. Turning (by quarters) or flipping the picture changes nothing but rounding.

    Cytoplasm in a smear is what stains blue, as that of lymphocytes, monocytes and blasts under May-Grünwald-Giemsa:
    of a granulocyte, or under another stain, hardly more than the nucleus may be taken for the cell.

    Args:
        pixels: (h, w, 3) uint8, RGB; at least 1 px a side. The constants were chosen on pictures of 224 px in which a
            lymphocyte has about 80 px across; lengths follow the picture's shorter side.

    Returns:
        (10,) float32, as ``MEASURES`` names them.

    Example:
        >>> measure_cell(np.full((32, 32, 3), 240, dtype=np.uint8)).shape
        (10,)
    """
    light = cell_light(pixels)
    outline = outline_cell(pixels, light)
    unit = min(pixels.shape[:2]) / SIDE
    nucleus, cell = int(outline.nucleus.sum()), int(outline.cell.sum())
    inside = _inside(outline, unit) & ~light.hidden
    red, green = light.density[..., 0], light.density[..., 1]
    chromatin = red[inside] if inside.any() else np.zeros(1, dtype=np.float32)
    blueness, _, pinkness = _mean(light.density, _cytoplasm(outline, unit) & ~light.hidden)
    return np.array(
        [
            math.log(nucleus),
            nucleus / cell,
            _roundness(outline.nucleus),
            math.log(cell),
            chromatin.mean(dtype=np.float64),
            chromatin.std(dtype=np.float64),
            _grain(green, inside),
            blueness,
            pinkness,
            blueness - pinkness,
        ],
        dtype=np.float32,
    )


def measure_cells(pixels: NDArray[np.uint8], *, workers: int | None = None) -> Values:
    """Measure the cells of many pictures.

    Args:
        pixels: (n, h, w, 3) uint8, RGB.
        workers: Threads that measure; as many as there are processors where None.

    Returns:
        (n, 10) float32, row by row the same as ``measure_cell``.
    """
    if not len(pixels):
        return np.zeros((0, len(MEASURES)), dtype=np.float32)
    with ThreadPoolExecutor(min(workers or os.cpu_count() or 1, len(pixels))) as threads:
        return np.stack(list(threads.map(measure_cell, pixels)))


def _inside(outline: Outline, unit: float) -> Mask:
    """Return the nucleus without its soft edge, or all of a small one."""
    inside = grown(outline.nucleus.astype(np.uint8), -INSIDE, unit) > 0
    return inside if inside.sum() > FEWEST * unit**2 else outline.nucleus


def _cytoplasm(outline: Outline, unit: float) -> Mask:
    """Return the cell without the nucleus and its soft edge, or a ring about the nucleus where that leaves nothing."""
    nucleus: Bits = outline.nucleus.astype(np.uint8)
    edge = grown(nucleus, 1, unit) > 0
    cytoplasm = outline.cell & ~edge
    if cytoplasm.sum() >= FEWEST * unit**2:
        return cytoplasm
    return np.asarray((grown(nucleus, RING, unit) > 0) & ~edge)


def _roundness(nucleus: Mask) -> float:
    """Return ``4 pi area / perimeter^2``; the perimeter is scikit-image's, of steps along the border's pixels."""
    left, top, width, height = cv2.boundingRect(nucleus.astype(np.uint8))
    around = float(
        perimeter(  # type: ignore[no-untyped-call]
            nucleus[top : top + height, left : left + width], neighborhood=4
        )
    )
    return min(4 * math.pi * int(nucleus.sum()) / max(around, 1) ** 2, 2.0)


def _mean(density: Plane, mask: Mask) -> tuple[float, float, float]:
    red, green, blue, _ = cv2.mean(density, mask.astype(np.uint8))
    return red, green, blue


def _grain(green: Plane, inside: Mask) -> float:
    """Return the mean step in green density between neighbouring pixels (side by side, one above the other)."""
    across = np.abs(np.diff(green, axis=1))[inside[:, 1:] & inside[:, :-1]]
    down = np.abs(np.diff(green, axis=0))[inside[1:] & inside[:-1]]
    steps = np.concatenate([across, down])
    return float(steps.mean(dtype=np.float64)) if len(steps) else 0.0
