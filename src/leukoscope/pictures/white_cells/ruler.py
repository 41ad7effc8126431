"""How wide the red cells of a field are: the ruler by which everything else is measured."""

from __future__ import annotations

import bisect

import cv2
import numpy as np

from leukoscope.pictures.cell_mask.nuclei import SQUARE, edge_of, opened
from leukoscope.pictures.cell_mask.sight import Bits, cuts, filled, seen
from leukoscope.pictures.conversion import Pixels
from leukoscope.pictures.optical_density import Plane
from leukoscope.pictures.white_cells.azure import azure_of, least_azure

SIDE = 480
"""Px of the shorter side of what is measured; smaller fields are measured as they are."""
LEAST_STEP = 20.0
"""Levels of green between the ground and the darkest: a field in which they span less is empty."""
WAY = 0.4
"""How far from the ground's green to that of the red cells these begin: pale ones are to be whole."""
LEAST_SHARE = 0.01
"""Of the field: where red cells take up less there are too few to measure."""
SMALLEST, RADII = 2.0, 40
HALF = 0.5


def red_cell_diameter(pixels: Pixels) -> float | None:
    """Return the diameter of the field's red cells in px; None where there are too few.

    What is stained but not azure, without holes, is opened by ever larger discs; the first disc that takes away half of
    it is as wide as a red cell (the median of the granulometry: Matheron 1975; Serra 1982). Red cells that touch or
    overlap do not disturb that as long as their outlines show.

    Args:
        pixels: (h, w, 3) uint8, RGB, in the lamp's light.
    """
    unit = max(min(pixels.shape[:2]) / SIDE, 1.0)
    size = (max(round(pixels.shape[1] / unit), 1), max(round(pixels.shape[0] / unit), 1))
    sized = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA) if unit > 1 else pixels
    red = _red_cells(np.asarray(sized, dtype=np.uint8))
    if cv2.countNonZero(red) < LEAST_SHARE * red.size:
        return None
    return float(2 * _median_radius(red) * unit)


def _red_cells(pixels: Pixels) -> Bits:
    sight = seen(pixels)
    azure = azure_of(sight)
    nuclei = (azure > least_azure(sight, azure, edge_of(sight))).astype(np.uint8)
    white = np.asarray(cv2.dilate(nuclei, np.ones((5, 5), np.uint8)))
    nothing: Bits = np.zeros_like(white)
    rest = sight.green[white == 0]
    found = cuts(rest, 2, LEAST_STEP) if rest.size else []
    if not found:
        return nothing
    ground, red = float(np.median(rest[rest > found[0]])), float(np.median(rest[rest <= found[0]]))
    stained = opened((sight.green < ground - WAY * (ground - red)).astype(np.uint8), SQUARE)
    return np.asarray(filled(stained) * (white == 0), dtype=np.uint8)


def _median_radius(red: Bits) -> float:
    # A red cell that the field's edge cuts off goes on beyond it.
    wider = cv2.copyMakeBorder(red, 1, 1, 1, 1, cv2.BORDER_REPLICATE)
    room: Plane = np.asarray(cv2.distanceTransform(wider, cv2.DIST_L2, 5)[1:-1, 1:-1], dtype=np.float32)
    area = cv2.countNonZero(red)
    radii = np.geomspace(SMALLEST, max(min(red.shape) / 4, SMALLEST), RADII)
    # A larger disc leaves less: the first that leaves less than half is found by halving.
    place = bisect.bisect_left(radii, True, hi=RADII - 1, key=lambda one: _left(red, room, one) < HALF * area)
    return float(radii[place])


def _left(red: Bits, room: Plane, radius: float) -> int:
    """Return how many pixels an opening by a disc leaves."""
    away = np.asarray(room < radius, dtype=np.uint8)
    if away.all():
        return 0
    return int(np.count_nonzero((cv2.distanceTransform(away, cv2.DIST_L2, 5) < radius) & (red > 0)))
