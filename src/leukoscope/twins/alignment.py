"""Laying one figure upon another: from a rough turn to a fraction of a pixel."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from leukoscope.twins.figures import SIDE
from leukoscope.twins.turning import Turn

REACH, NOISE = 4.0, 1.0
"""Of the texture that figures are aligned by, in pixels of a figure and squared levels of grey."""
SMOOTHING = 1.0
ITERATIONS, ENOUGH = 30, 1e-4


@dataclass(frozen=True, eq=False)
class Move:
    """Where each point of the first figure lies in the second.

    Args:
        matrix: (2, 3) float32: a point (x, y, 1) of the first to one of the second, in pixels.
    """

    matrix: np.ndarray

    @property
    def flipped(self) -> bool:
        """Whether the second is mirrored."""
        return float(np.linalg.det(self.matrix[:, :2])) < 0

    @property
    def degrees(self) -> float:
        """By how much the second is turned anticlockwise, 0 to 360; where it is flipped, after that."""
        (a, b), (c, d) = self.matrix[:, :2]
        angle = math.atan2(b + c, d - a) if self.flipped else math.atan2(b - c, a + d)
        return math.degrees(angle) % 360

    @property
    def scales(self) -> tuple[float, float]:
        """The largest and the smallest factor by which a length changes."""
        largest, smallest = np.linalg.svd(self.matrix[:, :2], compute_uv=False)
        return float(largest), float(smallest)

    def point(self, x: float, y: float) -> tuple[float, float]:
        """Return where a point of the first figure lies in the second."""
        x, y = self.matrix @ [x, y, 1]
        return float(x), float(y)

    def apply(self, layer: np.ndarray) -> np.ndarray:
        """Return a layer of the second figure, (SIDE, SIDE) float32, as it lies upon the first; 0 beyond it."""
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        return np.asarray(cv2.warpAffine(layer, self.matrix, (SIDE, SIDE), flags=flags))


def align(one: np.ndarray, two: np.ndarray, turn: Turn) -> Move:
    """Return the move that lays the second texture upon the first, by the enhanced correlation coefficient.

    Evangelidis & Psarakis 2008 (doi:10.1109/TPAMI.2008.113), affine: a cell that was photographed twice is a little
    stretched at most. Where it does not converge, the rough turn is the answer, and the pixels will disagree.

    Args:
        one: The first figure's texture, (SIDE, SIDE) float32.
        two: The second's.
        turn: How the second lies to the first, within a few degrees.
    """
    start = _rough(turn)
    smooth = [np.asarray(cv2.GaussianBlur(layer, (0, 0), SMOOTHING)) for layer in (one, two)]
    until = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, ITERATIONS, ENOUGH)
    try:
        _, matrix = cv2.findTransformECC(  # type: ignore[call-overload]  # the stubs know no "no mask"
            smooth[0], smooth[1], start.copy(), cv2.MOTION_AFFINE, until, None, 1
        )
    except cv2.error:  # it did not converge
        return Move(start)
    return Move(np.asarray(matrix))


def _rough(turn: Turn) -> np.ndarray:
    angle = math.radians(turn.degrees)
    around = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    if turn.flipped:
        around = around @ np.diag([-1.0, 1.0])
    centre = np.full(2, SIDE / 2)
    return np.column_stack([around, centre - around @ centre]).astype(np.float32)
