"""Size and shape of a cell and of its nucleus, measured of their masks."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from leukoscope.pictures.cell_measures import CellMeasure
from leukoscope.pictures.optical_density import Mask

LEAST_CYTOPLASM = 0.01
"""So much of the cell is taken for cytoplasm at least, so that a naked nucleus has a finite ratio to it."""
CROSS: NDArray[np.uint8] = np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]], dtype=np.uint8)
AROUND: NDArray[np.float32] = np.array([[10, 2, 10], [2, 1, 2], [10, 2, 10]], dtype=np.float32)
"""What a border pixel's neighbours on the border count, so that their sum says how the border runs through it."""
STEPS: NDArray[np.float64] = np.zeros(256)
"""Length of border at a pixel by that sum."""
STEPS[[5, 7, 15, 17, 25, 27]] = 1
STEPS[[21, 33]] = math.sqrt(2)
STEPS[[13, 23]] = (1 + math.sqrt(2)) / 2
CORNERS = np.array([[0, 0], [1, 0], [0, 1], [1, 1]], dtype=np.float32)


def _of(part: str) -> tuple[CellMeasure, ...]:
    return (
        CellMeasure(f"{part}_area", "px", (0, math.inf), f"Size of the {part}."),
        CellMeasure(f"{part}_perimeter", "px", (0, math.inf), f"Length of the {part}'s outline."),
        CellMeasure(f"{part}_compactness", "1", (0, math.inf), f"Outline of the {part}: about 1 is a disc, more jags."),
        CellMeasure(f"{part}_circle", "share", (0, 1), f"Roundness of the {part}: its share of the circle around it."),
        CellMeasure(f"{part}_solidity", "share", (0, 1), f"How little the {part} is dented, cleft or lobed: 1 not."),
        CellMeasure(f"{part}_axes", "1", (0, 1), f"Shorter to longer axis of the {part}: 1 is not drawn out."),
    )


SHAPES: tuple[CellMeasure, ...] = (
    *_of("cell"),
    *_of("nucleus"),
    CellMeasure("nucleus_to_cytoplasm", "1", (0, 1 / LEAST_CYTOPLASM), "Area of the nucleus to the cytoplasm's."),
    CellMeasure("nucleus_offset", "1", (0, math.inf), "How far the nucleus lies off the middle, in radii of the cell."),
)
"""What ``shape_of`` gives, in order. Lengths and areas are in px of the picture as it is, whatever its size."""


def shape_of(cell: Mask, nucleus: Mask) -> list[float]:
    """Measure size and shape.

    Compactness is ``perimeter^2 / (4 pi area)``, solidity the share of the convex hull, as Putzu, Caocci & Di Ruberto
    2014 have them (Artif Intell Med 62:179); the circle is the smallest one about the mask.

    Args:
        cell: (h, w) bool, not empty.
        nucleus: (h, w) bool, within the cell, not empty.

    Returns:
        One number a measure of ``SHAPES``.
    """
    area, inner = int(cell.sum()), int(nucleus.sum())
    cytoplasm = max(area - inner, LEAST_CYTOPLASM * area)
    offset = float(np.hypot(*(_middle(cell) - _middle(nucleus)))) / math.sqrt(area / math.pi)
    return [*_form(cell, area), *_form(nucleus, inner), min(inner / cytoplasm, 1 / LEAST_CYTOPLASM), offset]


def perimeter(mask: Mask) -> float:
    """Return the length of all borders of a mask in px: straight steps are 1, slanted ones the root of 2.

    Benkrid & Crookes 2000, Design and FPGA implementation of a perimeter estimator; scikit-image's ``perimeter`` gives
    the same, and takes ten times as long.

    Args:
        mask: (h, w) bool; what lies beyond is not of it.
    """
    bits = mask.astype(np.uint8)
    border = bits - cv2.erode(bits, CROSS, borderType=cv2.BORDER_CONSTANT, borderValue=0)
    sums = cv2.filter2D(border, cv2.CV_8U, AROUND, borderType=cv2.BORDER_CONSTANT)
    return float(STEPS[sums[border > 0]].sum())


def _form(mask: Mask, area: int) -> list[float]:
    around = perimeter(mask)
    rim = _rim(mask)
    circle = math.pi * cv2.minEnclosingCircle(rim)[1] ** 2
    hull = cv2.contourArea(cv2.convexHull(rim))
    compactness = around**2 / (4 * math.pi * area)
    return [area, around, compactness, min(area / circle, 1.0), min(area / hull, 1.0), _axes(mask)]


def _rim(mask: Mask) -> NDArray[np.float32]:
    """Return the corners of the pixels along all outlines, (n, 2) float32."""
    outlines = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)[0]
    points = np.concatenate([one[:, 0] for one in outlines]).astype(np.float32)
    return np.asarray((points[:, None] + CORNERS).reshape(-1, 2), dtype=np.float32)


def _middle(mask: Mask) -> NDArray[np.float64]:
    """Return the middle of a mask: row and column."""
    area = mask.sum()
    rows, columns = mask.sum(axis=1), mask.sum(axis=0)
    return np.asarray(np.array([rows @ np.arange(len(rows)), columns @ np.arange(len(columns))]) / area)


def _axes(mask: Mask) -> float:
    """Return the shorter axis to the longer one, of the ellipse that has the mask's second moments."""
    found = cv2.moments(mask.astype(np.uint8), binaryImage=True)
    # A pixel is a square, not a point: a twelfth of its area to either moment, so that a single one is round.
    own = found["m00"] / 12
    upper, mixed, lower = found["mu20"] + own, found["mu11"], found["mu02"] + own
    spread = math.hypot((upper - lower) / 2, mixed)
    middle = (upper + lower) / 2
    return math.sqrt(max(middle - spread, 0.0) / (middle + spread))
