"""A drawing in progress: the stains laid so far, the pixels they lie on, and where its chances come from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from leukoscope.drawn.fields import TURN, Grid, Plane, noise
from leukoscope.drawn.stains import Stain, Stains, add, lay


@dataclass(frozen=True)
class Sheet:
    """A drawing, or a part of it; what is painted on a part is painted on the whole.

    Args:
        stains: (4, h, w) float32, amounts of the stains, changed by painting.
        where: The pixels.
        generator: Where the particulars of what is painted come from.
    """

    stains: Stains
    where: Grid
    generator: np.random.Generator

    def near(self, x: float, y: float, reach: float) -> Sheet:
        """Return the part within ``reach`` micrometres of a point."""
        window = self.where.window(x, y, reach)
        return Sheet(self.stains[:, window[0], window[1]], self.where.cut(window), self.generator)

    def lay(self, cover: Plane, stain: Stain, texture: Plane | float = 1.0) -> None:
        """Paint over what lies there (``stains.lay``)."""
        lay(self.stains, cover, stain, texture)

    def add(self, cover: Plane, stain: Stain) -> None:
        """Add to what lies there (``stains.add``)."""
        add(self.stains, cover, stain)

    def noise(self, grain: float) -> Plane:
        """Return smooth noise of a grain in micrometres (``fields.noise``)."""
        return noise(self.where, grain, self.generator)

    def angle(self) -> float:
        """Draw a direction, radians."""
        return float(self.generator.uniform(0, TURN))

    def point(self, distance: Plane, depth: float) -> tuple[float, float] | None:
        """Draw a point at least ``depth`` micrometres inside a shape; None where it is not so deep anywhere."""
        inside = np.flatnonzero(distance.ravel() < -depth)
        if not len(inside):
            return None
        place = int(inside[self.generator.integers(len(inside))])
        return float(self.where.x.ravel()[place]), float(self.where.y.ravel()[place])
