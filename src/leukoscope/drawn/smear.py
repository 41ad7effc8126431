"""What lies around a cell on a smear: red cells with their pallor, overlapping, and a platelet here and there."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from leukoscope.drawn.body import paint_cell
from leukoscope.drawn.fields import Place, Plane, covered, outline, ramp, turned
from leukoscope.drawn.kinds import KINDS
from leukoscope.drawn.sheet import Sheet
from leukoscope.drawn.stains import Stain

RED_RADIUS = 3.6
_TRIES = 5
_OVERLAPPING = 0.2
_PLATELETS = 0.35
_PLASMA, _THICK = Stain(eosin=0.04, haem=0.03), Stain(eosin=0.1, haem=0.3)
_RED = Stain(haem=1.0, eosin=0.06)


def paint_plasma(sheet: Sheet, *, thick: bool = False) -> None:
    """Paint the film between the cells, uneven; ``thick``: as brown as the remains around C-NMC's cells."""
    cover = np.maximum(1 + np.float32(0.15) * sheet.noise(9.0), 0)
    sheet.add(cover, _THICK if thick else _PLASMA)


def paint_surroundings(sheet: Sheet, clear: Sequence[Place]) -> None:
    """Paint red cells and platelets.

    Args:
        sheet: The drawing, whole, painted on.
        clear: Discs that red cells keep out of, but for a little overlap: where the cells will lie.
    """
    generator, half = sheet.generator, sheet.where.pixel * len(sheet.where.x) / 2
    crowding = generator.uniform(0.45, 1.15)
    wanted = math.ceil(crowding * ((2 * half + RED_RADIUS) / (2 * RED_RADIUS)) ** 2)
    # Red cells of one spot are alike in colour and pallor; each varies a little about this.
    amount, pallor = generator.uniform(0.55, 0.85), generator.uniform(0.35, 0.85)
    placed: list[tuple[float, float]] = []
    for _ in range(_TRIES * wanted):
        x, y = generator.uniform(-half - 2, half + 2, 2).tolist()
        if len(placed) < wanted and _fits(x, y, placed, clear, generator):
            placed.append((x, y))
            _paint_red_cell(sheet, x, y, amount, pallor)
    for _ in range(int(generator.poisson(_PLATELETS))):
        _paint_platelet(sheet, half, clear)


def _fits(
    x: float, y: float, placed: list[tuple[float, float]], clear: Sequence[Place], generator: np.random.Generator
) -> bool:
    # Red cells touch the cell in the middle; now and then it presses on one.
    if any(math.hypot(x - a, y - b) < reach + RED_RADIUS * generator.uniform(0.7, 1.05) for a, b, reach in clear):
        return False
    # Most lie apart; the few that overlap do so by a good part, as in a smear that is a little thick.
    apart = 2 * RED_RADIUS * (0.6 if generator.random() < _OVERLAPPING else 0.98)
    return all(math.hypot(x - a, y - b) > apart for a, b in placed)


def _paint_red_cell(sheet: Sheet, x: float, y: float, amount: float, pallor: float) -> None:
    generator = sheet.generator
    radius = RED_RADIUS * (1 + 0.07 * float(np.clip(generator.standard_normal(), -2, 2)))
    near = sheet.near(x, y, 1.35 * radius)
    if not near.where.x.size:
        return
    elongation = 1 + abs(float(generator.normal(0, 0.14)))
    distance = outline(turned(near.where, x, y, sheet.angle()), radius, elongation, 0.03, generator)
    own = float(np.clip(pallor + generator.normal(0, 0.12), 0.0, 0.95))
    depth = _thickness(1 + distance / np.float32(radius), own, generator.uniform(0.15, 0.30))
    near.add(covered(distance, 0.4) * depth * np.float32(amount * generator.uniform(0.9, 1.1)), _RED)


def _thickness(share: Plane, pallor: float, start: float) -> Plane:
    """Return how thick a biconcave disc is: thin in the middle, thick further out, with a line along its edge.

    Args:
        share: (h, w) distance from its centre as a share of its radius.
        pallor: How thin its middle is, from 0 (as thick as the rest) to 1.
        start: Where it begins to rise, as a share of its radius.
    """
    line = np.exp(-np.square((share - np.float32(0.97)) / np.float32(0.05))) * np.float32(0.12)
    return np.asarray(1 - np.float32(pallor) * (1 - ramp(share, start, start + 0.35)) + line, dtype=np.float32)


def _paint_platelet(sheet: Sheet, half: float, clear: Sequence[Place]) -> None:
    x, y = sheet.generator.uniform(-half, half, 2).tolist()
    radius = sheet.generator.uniform(0.8, 1.4)
    near = sheet.near(x, y, 1.6 * radius)
    free = all(math.hypot(x - a, y - b) > reach + 2 * radius for a, b, reach in clear)
    if free and near.where.x.size:
        paint_cell(near, KINDS["platelet"], Place(x, y, radius))
