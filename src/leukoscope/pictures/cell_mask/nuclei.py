"""Which parts of a smear are nuclei, and which of them are lobes of one nucleus."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from leukoscope.pictures.cell_mask.sight import Bits, Sight, cuts, filled
from leukoscope.pictures.optical_density import Mask, Plane

LEAST_RANGE = 40.0
"""Of ``purple``: a picture in which it spans less shows no nucleus."""
LEAST_RED = 0.25
"""A nucleus swallows that much red light at least (median density); red cells, folds and shadows less."""
LEAST = 40
"""Px: smaller dark spots are platelets, granules and dirt."""
GAP = 19.0
"""Lobes of one nucleus lie no further apart (px)."""
NECK = 0.7
"""Two dark parts are of one cell if a way between them is this wide, measured by the room about the narrower one."""
SPREADS, DROP = 3.3, 0.125
FARNESS, LARGENESS = 0.08, 0.31
CROSS: Bits = np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]], dtype=np.uint8)
SQUARE: Bits = np.ones((3, 3), dtype=np.uint8)


@dataclass(frozen=True)
class Nuclei:
    """The nuclei of a smear.

    Args:
        groups: (h, w) bool each, one a cell, not empty, the one in the middle first; a nucleus with its lobes.
        stained: (h, w) uint8, 0 and 1: what is not the ground, without holes.
        edge: The level in green below which a pixel is stained.
    """

    groups: tuple[Mask, ...]
    stained: Bits
    edge: float


def nuclei_of(sight: Sight) -> Nuclei:
    """Return the nuclei of a smear.

    Dark is what lies above the higher of Otsu's two thresholds of ``purple`` (three classes: ground, cells, nuclei),
    swallows red light and is larger than a platelet. A smear without such parts has no nuclei.

    Args:
        sight: The smear.
    """
    edge = edge_of(sight)
    found = cuts(sight.purple, 3, LEAST_RANGE)
    dark = opened((sight.purple > found[1]).astype(np.uint8), CROSS) if found else np.zeros_like(sight.green, np.uint8)
    stained = stained_of(sight, dark, edge)
    return Nuclei(grouped(_parts(dark, sight), stained), stained, edge)


def edge_of(sight: Sight) -> float:
    """Return the level in green below which a pixel is stained.

    Args:
        sight: The smear.
    """
    return sight.ground - max(SPREADS * sight.ground_spread, DROP * (sight.ground - sight.darkest))


def stained_of(sight: Sight, dark: Bits, edge: float) -> Bits:
    """Return what is not the ground, (h, w) uint8, 0 and 1, without holes.

    Args:
        sight: The smear.
        dark: (h, w) uint8, 0 and 1: what is nucleus, and so no ground.
        edge: From ``edge_of``.
    """
    return filled(opened(((sight.green < edge) | (dark > 0)).astype(np.uint8), SQUARE) | dark)


def opened(mask: Bits, shape: Bits) -> Bits:
    """Return a mask without what is narrower than a shape.

    Args:
        mask: (h, w) uint8, 0 and 1.
        shape: ``CROSS`` or ``SQUARE``.
    """
    return np.asarray(cv2.morphologyEx(mask, cv2.MORPH_OPEN, shape), dtype=np.uint8)


def _parts(dark: Bits, sight: Sight) -> list[Mask]:
    """Return the dark parts that may be nuclei: nearest to the middle first, larger ones before smaller ones."""
    _, labels, stats, centres = cv2.connectedComponentsWithStats(dark, connectivity=4)
    away = _away(dark.shape[0], dark.shape[1])
    ranked = []
    for number in np.flatnonzero(stats[1:, cv2.CC_STAT_AREA] >= LEAST) + 1:
        part = np.asarray(labels == number, dtype=bool)
        if np.median(sight.red_density[part]) < LEAST_RED:
            continue
        off = np.hypot(*(centres[number] - (np.array(dark.shape[::-1]) - 1) / 2))
        rank = away[part].min() + FARNESS * off - LARGENESS * np.sqrt(stats[number, cv2.CC_STAT_AREA])
        ranked.append((float(rank), int(number), part))
    return [part for *_, part in sorted(ranked, key=lambda one: one[:2])]


def _away(height: int, width: int) -> NDArray[np.float32]:
    rows, columns = (np.arange(side, dtype=np.float32) - np.float32((side - 1) / 2) for side in (height, width))
    return np.asarray(np.hypot(rows[:, None], columns[None]), dtype=np.float32)


def grouped(parts: list[Mask], stained: Bits) -> tuple[Mask, ...]:
    """Return the parts, (h, w) bool each, lobes of one nucleus put together.

    Args:
        parts: (h, w) bool each, without a common pixel; emptied.
        stained: (h, w) uint8, 0 and 1: what is not the ground, without holes.
    """
    room = distances(stained)
    groups = []
    while parts:
        group = parts.pop(0)
        while (lobe := _next_lobe(group, parts, room)) is not None:
            group = group | parts.pop(lobe)
        groups.append(group)
    return tuple(groups)


def _next_lobe(group: Mask, parts: list[Mask], room: Plane) -> int | None:
    """Return the place of the nearest part that is a lobe of the group's nucleus; None where there is none."""
    if not parts:
        return None
    gaps = distances((~group).astype(np.uint8))
    near = sorted((float(gaps[part].min()), number) for number, part in enumerate(parts))
    return next((number for gap, number in near if gap <= GAP and _one_cell(group, parts[number], room)), None)


def _one_cell(group: Mask, part: Mask, room: Plane) -> bool:
    """Whether a wide way through what is stained leads from one to the other: no neck, as between touching cells."""
    wide = (room >= NECK * min(room[group].max(), room[part].max())).astype(np.uint8)
    pieces = cv2.connectedComponents(wide)[1]
    return bool((set(pieces[group].tolist()) & set(pieces[part].tolist())) - {0})


def distances(mask: Bits) -> Plane:
    """Return how far each pixel of a mask lies from what is not in it, px.

    Args:
        mask: (h, w) uint8, 0 and 1.
    """
    return np.asarray(cv2.distanceTransform(mask, cv2.DIST_L2, 3), dtype=np.float32)
