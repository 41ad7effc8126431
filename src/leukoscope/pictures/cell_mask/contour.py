"""The outline of a cell about its nucleus: the cheapest closed way, one radius a direction."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from leukoscope.pictures.cell_mask.nuclei import Nuclei, distances
from leukoscope.pictures.cell_mask.sight import Bits, Sight
from leukoscope.pictures.optical_density import Mask, Plane

DIRECTIONS, RADIUS = 48, 60
STEP = 2
"""From direction to direction the radius changes by so many px at most."""
SMOOTH = 0.2
"""What a px of such a change costs."""
EDGE = 2.0
"""What a step from dark to light is worth, the cytoplasm's whole contrast taken as 5."""
AREA = 0.53
"""What a px of ground on the way from the nucleus costs, for each direction."""
GAIN = 0.7
"""What a px of stained cytoplasm is worth beside it."""
SOFT = 0.3
RED, REDDEST, ALLOWED = 3.0, 1.2, 0.1
NEAR, FAR = 8.0, 0.03
"""Further than so many px from the nucleus, each px more costs that much: few cells reach out, their neighbours do."""
CAP = 0.5
SHARPEST = 1.5
SURE = 2.0
FINE = 4
"""Bits behind the point with which OpenCV draws a polygon."""


def contour_of(sight: Sight, nuclei: Nuclei, number: int) -> Bits:
    """Return the cell about one nucleus, (h, w) uint8, 0 and 1, the nucleus included.

    Each direction from the nucleus's centre has a radius. A closed way through these radii costs the ground, the red
    cells and the other nuclei that it takes in, gains the stained pixels that it takes in and the edges that it runs
    along, and pays for being ragged; the cheapest one is found by dynamic programming (as active contours in polar
    coordinates do: e.g. Amini et al. 1990, IEEE TPAMI 12:855).

    Args:
        sight: The smear.
        nuclei: Its nuclei.
        number: Which of them.
    """
    nucleus = nuclei.groups[number]
    moments = cv2.moments(nucleus.astype(np.uint8), binaryImage=True)
    centre = (moments["m10"] / moments["m00"], moments["m01"] / moments["m00"])
    shown = _polar(np.ones_like(sight.green), centre) > 0.5  # noqa: PLR2004 - half
    taken = np.where(shown, _polar(_cost(sight, nuclei, number), centre), np.float32(1))
    worth = _edges(sight, nucleus, centre, shown)
    radii = cheapest_way(AREA * np.cumsum(taken, axis=1) - EDGE * worth)
    return _drawn(centre, radii, nucleus)


def cheapest_way(cost: NDArray[np.floating]) -> NDArray[np.int64]:
    """Return the radius of each direction on the cheapest closed way, (directions,).

    The way goes round twice and the middle turn is kept, so that its ends meet but for rare ties.

    Args:
        cost: (directions, radii), of ending at that radius.
    """
    directions, radii = cost.shape
    ragged = (SMOOTH * np.abs(np.arange(-STEP, STEP + 1))).astype(np.float32)[:, None]
    padded = np.full(radii + 2 * STEP, np.float32(1e9))
    beside = np.lib.stride_tricks.sliding_window_view(padded, radii)
    so_far = padded[STEP : STEP + radii]
    so_far[:] = cost[0]
    came = np.zeros((2 * directions, radii), dtype=np.int64)
    for turn in range(1, 2 * directions):
        reached = beside + ragged
        came[turn] = reached.argmin(axis=0)
        so_far[:] = reached.min(axis=0) + cost[turn % directions]
    return _middle_turn(came, int(so_far.argmin()), directions)


def _middle_turn(came: NDArray[np.int64], end: int, directions: int) -> NDArray[np.int64]:
    way = np.empty(len(came), dtype=np.int64)
    way[-1] = end
    for turn in range(len(came) - 1, 0, -1):
        way[turn - 1] = way[turn] + came[turn, way[turn]] - STEP
    half = directions // 2
    return np.roll(way[half : half + directions], half)


def _cost(sight: Sight, nuclei: Nuclei, number: int) -> Plane:
    """Return what each pixel costs that is taken into the cell, (h, w): below 0 what is the cell's."""
    nucleus = nuclei.groups[number]
    range_ = SOFT * (sight.ground - nuclei.edge) + 1e-3
    light = np.clip((sight.green - nuclei.edge) / range_, -1, 1)
    red = np.where(light < 0, np.clip(RED * (sight.redness - ALLOWED), 0, REDDEST), 0)
    far = FAR * np.maximum(distances((~nucleus).astype(np.uint8)) - NEAR, 0)
    cost = np.where(light > 0, light, GAIN * light) + red + far
    for other in nuclei.groups:
        cost[other] = SURE
    cost[nucleus] = -SURE
    return np.asarray(cost, dtype=np.float32)


def _edges(sight: Sight, nucleus: Mask, centre: tuple[float, float], shown: Mask) -> Plane:
    """Return how sharply it gets lighter outwards, (directions, radii); the nucleus's own edge does not count."""
    dark = float(np.median(sight.green[nucleus]))
    pale = dark + CAP * (sight.ground - dark)
    light = np.clip(sight.green, min(pale, sight.ground - 5), sight.ground)
    light = np.where(shown, _polar(light.astype(np.float32), centre), np.float32(sight.ground))
    rise = np.zeros_like(light)
    rise[:, 1:-1] = 5 * (light[:, 2:] - light[:, :-2]) / max(sight.ground - pale, 10)
    return np.clip(rise, -1, SHARPEST)


def _polar(plane: Plane, centre: tuple[float, float]) -> Plane:
    flags = cv2.INTER_LINEAR | cv2.WARP_FILL_OUTLIERS
    return np.asarray(cv2.warpPolar(plane, (RADIUS, DIRECTIONS), centre, RADIUS, flags), dtype=np.float32)


def _drawn(centre: tuple[float, float], radii: NDArray[np.int64], nucleus: Mask) -> Bits:
    angles = np.arange(DIRECTIONS) * (2 * np.pi / DIRECTIONS)
    points = np.stack([np.cos(angles), np.sin(angles)], axis=1) * (radii[:, None] + 0.5) + np.array(centre)
    cell = nucleus.astype(np.uint8)
    cv2.fillPoly(cell, [np.round(points * (1 << FINE)).astype(np.int32)], 1, shift=FINE)
    return cell
