"""Granules: dots of stain strewn over the cytoplasm, and over the nucleus where they hide it."""

from __future__ import annotations

import cv2
import numpy as np

from leukoscope.drawn.anatomy import Granules
from leukoscope.drawn.fields import Plane, covered
from leukoscope.drawn.sheet import Sheet

# OpenCV places a disc to 1/16 of a pixel.
_SHIFT = 4
_SCALE = 1 << _SHIFT
_FAINTEST = 120
_SMALLEST = 0.05


def paint_granules(sheet: Sheet, cell: Plane, nucleus: Plane | None, granules: Granules) -> None:
    """Strew granules of one sort over a cell.

    Args:
        sheet: The drawing, painted on.
        cell: (h, w) signed distance to the cell, micrometres.
        nucleus: (h, w) signed distance to its nucleus; None where it has none.
        granules: What they look like.
    """
    cover = _dots(sheet, cell, granules) * covered(cell + np.float32(0.1), 0.4)
    if nucleus is not None:
        beside = 1 - covered(nucleus, 0.4)
        cover *= np.float32(granules.over_nucleus) + np.float32(1 - granules.over_nucleus) * beside
    sheet.lay(cover, granules.stain)


def _dots(sheet: Sheet, cell: Plane, granules: Granules) -> Plane:
    """Return discs inside a cell: (h, w) float32, 0 between them and up to 1 on the most strongly stained."""
    generator, where = sheet.generator, sheet.where
    radius = max(granules.radius.draw(generator), _SMALLEST)
    places = np.flatnonzero(cell.ravel() < -radius)
    count = int(len(places) * where.pixel**2 * max(granules.density.draw(generator), 0.0))
    canvas = np.zeros(where.x.shape, dtype=np.uint8)
    if count:
        rows, columns = np.divmod(places[generator.integers(len(places), size=count)], where.x.shape[1])
        down, across = ((np.stack([rows, columns]) + generator.random((2, count))) * _SCALE).astype(int)
        sizes = np.maximum(radius / where.pixel * generator.uniform(0.7, 1.3, count), 1 / 4) * _SCALE
        greys = generator.integers(_FAINTEST, 256, count)
        discs = zip(across.tolist(), down.tolist(), sizes.astype(int).tolist(), greys.tolist(), strict=True)
        for x, y, size, grey in discs:
            cv2.circle(canvas, (x, y), size, grey, -1, cv2.LINE_AA, _SHIFT)
    return np.asarray(canvas * np.float32(1 / 255), dtype=np.float32)
