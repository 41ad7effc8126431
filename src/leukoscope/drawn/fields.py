"""Planes that drawings are made of: coordinates, smooth noise, signed distances and how they are joined.

Lengths are micrometres, so that a cell keeps its shape at any picture size. A signed distance is negative inside a
shape and positive outside (Quilez, "2D distance functions", https://iquilezles.org/articles/distfunctions2d).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.float32]
Axes = tuple[Plane, Plane]
TURN = 2 * np.pi
ANGLES = 256


class Place(NamedTuple):
    """A disc on a drawing: where something lies, and about how large it is.

    Args:
        x: Micrometres to the right of the drawing's centre.
        y: Micrometres below it.
        radius: Micrometres.
    """

    x: float
    y: float
    radius: float


@dataclass(frozen=True)
class Grid:
    """The pixels of a drawing, or of a part of it.

    Args:
        x: (h, w) float32, micrometres to the right of the drawing's centre.
        y: (h, w) float32, micrometres below it.
        pixel: Width of a pixel in micrometres.
    """

    x: Plane
    y: Plane
    pixel: float

    def window(self, x: float, y: float, reach: float) -> tuple[slice, slice]:
        """Return the rows and columns within ``reach`` micrometres of a point; empty where it lies outside."""
        rows, columns = self.x.shape
        left, top = (x - float(self.x[0, 0])) / self.pixel, (y - float(self.y[0, 0])) / self.pixel
        reached = reach / self.pixel + 1
        return _span(top, reached, rows), _span(left, reached, columns)

    def cut(self, window: tuple[slice, slice]) -> Grid:
        """Return the part of the grid within a window, its coordinates unchanged."""
        return Grid(self.x[window], self.y[window], self.pixel)


def _span(middle: float, reached: float, length: int) -> slice:
    start, stop = max(math.floor(middle - reached), 0), min(math.ceil(middle + reached), length)
    return slice(start, max(stop, start))


@lru_cache(maxsize=8)
def grid(side: int, field: float) -> Grid:
    """Return the grid of a drawing of ``side`` pixels that shows ``field`` micrometres (kept: it never changes)."""
    ticks = (((np.arange(side) + 0.5) / side - 0.5) * field).astype(np.float32)
    x, y = np.meshgrid(ticks, ticks)
    x.setflags(write=False)
    y.setflags(write=False)
    return Grid(x, y, field / side)


def noise(where: Grid, grain: float, generator: np.random.Generator) -> Plane:
    """Return smooth noise: normal values on a coarse lattice, joined by cubics.

    Args:
        where: The pixels to fill.
        grain: Distance of the lattice's points, micrometres; never less than a pixel.
        generator: Where the values come from.

    Returns:
        (h, w) float32, mean 0, deviation about 1.
    """
    step = max(grain / where.pixel, 1.0)
    rows, columns = where.x.shape
    lattice = generator.standard_normal((math.ceil(rows / step) + 1, math.ceil(columns / step) + 1), dtype=np.float32)
    wide = (round(lattice.shape[1] * step), round(lattice.shape[0] * step))
    plane = cv2.resize(lattice, wide, interpolation=cv2.INTER_CUBIC)
    # The lattice begins anywhere, so that its points do not stand at the same places in every picture.
    top, left = (generator.random(2) * (np.array(plane.shape) - where.x.shape)).astype(int)
    plane = plane[top : top + rows, left : left + columns]
    # Between the lattice points cubics average their neighbours, which takes away about a third of the deviation.
    return np.asarray(plane * np.float32(1.4), dtype=np.float32)


def turned(where: Grid, x: float, y: float, angle: float) -> Axes:
    """Return the coordinates along and across a direction (radians), seen from a point."""
    cosine, sine = np.float32(np.cos(angle)), np.float32(np.sin(angle))
    right, down = where.x - np.float32(x), where.y - np.float32(y)
    return right * cosine + down * sine, down * cosine - right * sine


def outline(axes: Axes, radius: float, elongation: float, wobble: float, generator: np.random.Generator) -> Plane:
    """Return the distance to a closed, lively outline: an ellipse whose radius sways with the angle.

    Args:
        axes: Coordinates along and across its long axis, micrometres from its centre.
        radius: Radius of the circle of about equal area, micrometres.
        elongation: Length over width, 1 or more.
        wobble: How far the outline sways, as a share of the radius (0 = a clean ellipse).
        generator: Where the sway comes from.
    """
    along, across = axes
    stretch = np.float32(np.sqrt(elongation))
    distance, angle = cv2.cartToPolar(along / stretch, across * stretch)
    table = np.float32(radius) * (1 + np.float32(wobble) * _sway(generator))
    place = (angle * np.float32(ANGLES / TURN)).astype(np.int32)
    return np.asarray(distance - table.astype(np.float32)[np.minimum(place, ANGLES - 1)], dtype=np.float32)


def _sway(generator: np.random.Generator) -> NDArray[np.float64]:
    """Return how far an outline sways at each angle: two to nine waves on a turn, the long ones higher."""
    waves = np.zeros(ANGLES // 2 + 1, dtype=np.complex128)
    number = np.arange(2, 10)
    heights = generator.standard_normal(len(number)) / number**1.5
    waves[number] = heights * np.exp(1j * generator.uniform(0, TURN, len(number)))
    return np.fft.irfft(waves, ANGLES, norm="forward") / 2


def disc(where: Grid, place: Place) -> Plane:
    """Return the distance to a disc."""
    reach = cv2.magnitude(where.x - np.float32(place.x), where.y - np.float32(place.y))
    return np.asarray(reach - np.float32(place.radius), dtype=np.float32)


def arc(axes: Axes, radius: float, half_angle: float, thickness: float) -> Plane:
    """Return the distance to a bent rod: an arc about the axes' origin, open on the far side, with round ends.

    Args:
        axes: Coordinates along and across the arc's axis of symmetry, micrometres.
        radius: Radius of the rod's middle line, micrometres.
        half_angle: Half of the angle that the arc spans, radians (0 to pi).
        thickness: Radius of the rod itself, micrometres.
    """
    along, across = axes
    beside = np.abs(across)
    end_along, end_beside = radius * np.cos(half_angle), radius * np.sin(half_angle)
    reach = cv2.magnitude(along, across)
    # Right of the ray from the centre to the rod's end, a point is nearest to the middle line, else to the end itself.
    within = beside * np.float32(np.cos(half_angle)) < along * np.float32(np.sin(half_angle))
    to_end = cv2.magnitude(along - np.float32(end_along), beside - np.float32(end_beside))
    return np.asarray(np.where(within, np.abs(reach - np.float32(radius)), to_end) - np.float32(thickness))


def rod(where: Grid, start: tuple[float, float], stop: tuple[float, float], thickness: float) -> Plane:
    """Return the distance to a straight rod with round ends, ``thickness`` being its radius in micrometres."""
    length = math.hypot(stop[0] - start[0], stop[1] - start[1])
    along, across = turned(where, start[0], start[1], math.atan2(stop[1] - start[1], stop[0] - start[0]))
    beyond = along - np.clip(along, 0, np.float32(length))
    return np.asarray(cv2.magnitude(beyond, across) - np.float32(thickness))


def joined(first: Plane, second: Plane, softness: float) -> Plane:
    """Return the distance to two shapes that melt into each other over ``softness`` micrometres."""
    over = np.maximum(np.float32(softness) - np.abs(first - second), 0)
    both = np.minimum(first, second) - over * over * np.float32(0.25 / softness)
    return np.asarray(both, dtype=np.float32)


def without(shape: Plane, hole: Plane, softness: float) -> Plane:
    """Return the distance to a shape from which another one is taken, with a rounded edge."""
    return -joined(-shape, hole, softness)


def covered(distance: Plane, edge: float) -> Plane:
    """Return how far each pixel lies inside a shape: 1 inside, 0 outside, a ramp of ``edge`` micrometres between."""
    return np.asarray(np.clip(np.float32(0.5) - distance / np.float32(edge), 0, 1), dtype=np.float32)


def ramp(values: Plane, start: float, stop: float) -> Plane:
    """Return 0 below ``start``, 1 above ``stop`` and a smooth rise between (smoothstep)."""
    share = np.clip((values - np.float32(start)) / np.float32(stop - start), 0, 1)
    return np.asarray(share * share * (3 - 2 * share), dtype=np.float32)
