"""What fills a nucleus: clumped chromatin with paler gaps, a darker membrane, pale nucleoli."""

from __future__ import annotations

import numpy as np

from leukoscope.drawn.anatomy import Nucleus
from leukoscope.drawn.fields import Place, Plane, covered, disc, ramp
from leukoscope.drawn.sheet import Sheet
from leukoscope.drawn.stains import Stain, lay_each

# Amounts of purple, blue and eosin in a ripe nucleus.
_CHROMATIN = (np.float32(0.92), np.float32(0.55), np.float32(0.12))
_NUCLEOLUS = Stain(purple=0.50, blue=0.34, eosin=0.10)
_MEMBRANE_WIDTH = 0.45


def paint_nucleus(sheet: Sheet, distance: Plane, nucleus: Nucleus) -> None:
    """Paint a nucleus within its outline.

    Args:
        sheet: The drawing, painted on.
        distance: (h, w) signed distance to the nucleus, micrometres.
        nucleus: What it looks like.
    """
    density = np.float32(nucleus.density.draw(sheet.generator))
    contrast = np.float32(max(nucleus.clumps.draw(sheet.generator), 0.0))
    clumps = contrast * _clumps(sheet, nucleus.grain)
    clumps += ramp(distance, -_MEMBRANE_WIDTH, 0.0) * np.float32(0.14)
    # The gaps between the clumps (parachromatin) are not only paler but redder, and the middle redder than the margin.
    margin = ramp(distance, -3.0, -0.2) * np.float32(0.25)
    purple, blue, eosin = _CHROMATIN
    amounts = (
        purple * density * (1 + clumps),
        np.float32(nucleus.blueness) * blue * density * np.maximum(1 + 3 * clumps + margin, 0),
        eosin * density * (1 - 3 * np.minimum(clumps, 0)),
    )
    lay_each(sheet.stains, covered(distance, nucleus.edge), amounts)
    if nucleus.shape == "folded":
        _crease(sheet, distance)
    for _ in range(int(sheet.generator.integers(nucleus.nucleoli[0], nucleus.nucleoli[1] + 1))):
        _paint_nucleolus(sheet, distance, float(density))


def _clumps(sheet: Sheet, grain: float) -> Plane:
    """Return chromatin as a factor about 0: up to 0.4 in clumps, down to -0.7 in the gaps between them."""
    values = sheet.noise(grain) + np.float32(0.6) * sheet.noise(0.5 * grain)
    values += np.float32(0.3) * sheet.noise(4.0) + np.float32(0.35) * sheet.noise(0.25 * grain)
    pressed = np.tanh(np.float32(0.65) * values + np.float32(0.2))
    return np.asarray(np.where(pressed > 0, np.float32(0.4), np.float32(0.7)) * pressed, dtype=np.float32)


def _paint_nucleolus(sheet: Sheet, distance: Plane, density: float) -> None:
    point = sheet.point(distance, -0.4 * float(distance.min()))
    if point is None:
        return
    radius, pallor = sheet.generator.uniform(0.55, 1.0), sheet.generator.uniform(0.25, 0.65)
    near = sheet.near(*point, 2 * radius)
    away = disc(near.where, Place(*point, radius)) + near.noise(1.0) * np.float32(0.2)
    # Chromatin is thicker around a nucleolus.
    ring = np.exp(-np.square((away - np.float32(0.1)) / np.float32(0.25)))
    inside = covered(distance[sheet.where.window(*point, 2 * radius)], 0.3)
    near.add(np.asarray(ring * inside, dtype=np.float32), Stain(purple=0.14 * density))
    near.lay(covered(away, 0.9) * inside * np.float32(pallor), _NUCLEOLUS, density)


def _crease(sheet: Sheet, distance: Plane) -> None:
    """Draw a pale fold across a nucleus, as monocytes have."""
    point, angle = sheet.point(distance, -0.5 * float(distance.min())), sheet.angle()
    if point is None:
        return
    x, y = sheet.where.x - np.float32(point[0]), sheet.where.y - np.float32(point[1])
    line = x * np.float32(np.cos(angle)) + y * np.float32(np.sin(angle)) + sheet.noise(2.5) * np.float32(0.5)
    fold = np.exp(-np.square(line / np.float32(0.28))) * covered(distance + np.float32(0.3), 0.4)
    sheet.add(np.asarray(fold, dtype=np.float32), Stain(purple=-0.16))
