"""The cell of a picture as a small grey figure: centred, at one size, its colours gone.

Two pictures of one cell give nearly the same figure, turned or mirrored: a cell on black is centred and scaled by the
moments of its mask; in a field the dark body next to the middle gives the centre, and the size of the picture the
scale.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from leukoscope.pictures.conversion import Pixels

SIDE = 96
"""Side of a figure in pixels."""
RADIUS = 40.0
"""Radius of what is compared, in pixels of the figure: that of the disc as large as the mask, or that of a field."""
SMALLEST = 16.0
"""Least radius in pixels of the picture: below it two different cells differ in too few pixels to be told apart."""
CORNER = 4
DIM = 8
"""The strongest channel of what is still black: JPEG lightens a black background by a few levels."""
EDGE = 0.25
"""Where a cell on black ends: its share of the cell's median brightness. Ringing of JPEG beside the edge is below."""
MOSTLY = 0.6
"""A larger share of pixels that are not black is a field with black corners, as turning a picture leaves them."""
FIELD = 0.36
"""Radius of what is compared in a field, in sides of the picture: inside it however it is turned and a bit shifted."""
COARSE = 96
WINDOW = 0.13
"""Deviation, in sides, of the Gaussian in which the dark body is looked for; a wider one wanders to neighbours."""
STEPS = 10
"""Few, so that where two bodies pull alike the middle is hardly left."""
STILL = 0.01
BACKGROUND, DARKEST = 90, 2
CONTRAST = 5
"""Power of darkness: red cells, a third as dark as a nucleus, hardly count."""
SMOOTHING = 0.45


@dataclass(frozen=True, eq=False)
class Figure:
    """A cell, centred and at one size.

    Args:
        grey: (SIDE, SIDE) float32, 0 to 255: luminance, of which JPEG keeps more than of any colour.
        weight: (SIDE, SIDE) float32, 0 to 1: what belongs to the cell, or to the field around it.
        on_black: Whether it is a cell on black, so that ``weight`` has the cell's outline.
        middle: Where the middle of the picture lies in the figure, (x, y) in its pixels: what the picture was taken of.
    """

    grey: np.ndarray
    weight: np.ndarray
    on_black: bool
    middle: tuple[float, float]


@dataclass(frozen=True, eq=False)
class _Place:
    mask: np.ndarray
    x: float
    y: float
    radius: float
    on_black: bool


def figure(pixels: Pixels) -> Figure | None:
    """Return the figure of a picture; None where it shows nothing or is too small.

    Args:
        pixels: (h, w, 3) uint8, RGB.
    """
    strongest = cv2.max(cv2.max(pixels[..., 0], pixels[..., 1]), pixels[..., 2])
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    place = _on_black(strongest) if _corners_are_black(strongest) else _in_a_field(grey, strongest)
    if place is None or place.radius < SMALLEST:
        return None
    scale = RADIUS / place.radius
    move = np.array([[scale, 0, SIDE / 2 - scale * place.x], [0, scale, SIDE / 2 - scale * place.y]])
    if scale < 1:
        grey = cv2.GaussianBlur(grey, (0, 0), SMOOTHING / scale)
    grey, weight = (
        cv2.warpAffine(layer, move, (SIDE, SIDE), flags=cv2.INTER_LINEAR).astype(np.float32)
        for layer in (grey, place.mask)
    )
    height, width = pixels.shape[:2]
    middle = move @ [(width - 1) / 2, (height - 1) / 2, 1]
    weight = weight / 255 * (1 if place.on_black else _disc())
    return Figure(grey, weight, place.on_black, (float(middle[0]), float(middle[1])))


def _above(layer: np.ndarray, level: float) -> np.ndarray:
    """Return 255 where a layer of uint8 is above a level, 0 elsewhere."""
    return np.asarray(cv2.threshold(layer, level, 255, cv2.THRESH_BINARY)[1])


def _corners_are_black(strongest: np.ndarray) -> bool:
    ends = (slice(None, CORNER), slice(-CORNER, None))
    black = all(strongest[rows, columns].max() <= DIM for rows in ends for columns in ends)
    return black and cv2.countNonZero(_above(strongest, DIM)) <= MOSTLY * strongest.size


def _on_black(strongest: np.ndarray) -> _Place | None:
    """Find the largest body on black; its holes belong to it."""
    shown = strongest[strongest > DIM]
    if not shown.size:
        return None
    level = max(EDGE * float(np.median(shown)), DIM)
    body = _above(strongest, level)
    outlines, _ = cv2.findContours(body, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    mask = cv2.drawContours(np.zeros_like(body), [max(outlines, key=cv2.contourArea)], -1, 255, cv2.FILLED)
    moments = cv2.moments(mask, binaryImage=True)
    area = moments["m00"]
    return _Place(mask, moments["m10"] / area, moments["m01"] / area, math.sqrt(area / math.pi), on_black=True)


def _in_a_field(grey: np.ndarray, strongest: np.ndarray) -> _Place:
    """Find the dark body next to the middle: mean shift on darkness, which moves little whatever the colours are."""
    height, width = grey.shape
    side = min(height, width)
    factor = COARSE / side
    size = (round(width * factor), round(height * factor))
    small, bright = (
        cv2.resize(layer, size, interpolation=cv2.INTER_AREA).astype(np.float32) for layer in (grey, strongest)
    )
    dark = _darkness(small, bright > DIM)
    x, y = _nearest_body(dark)
    place = ((x + 0.5) * width / size[0] - 0.5, (y + 0.5) * height / size[1] - 0.5)
    return _Place(np.full((height, width), 255, np.uint8), *place, FIELD * side, on_black=False)


def _darkness(grey: np.ndarray, seen: np.ndarray) -> np.ndarray:
    if not seen.any():
        return np.zeros_like(grey)
    darkest, background = np.percentile(grey[seen], [DARKEST, BACKGROUND])
    dark = np.clip((background - grey) / max(background - darkest, 1), 0, 1) ** CONTRAST
    return np.where(seen, dark, 0)


def _nearest_body(dark: np.ndarray) -> tuple[float, float]:
    height, width = dark.shape
    rows, columns = np.arange(height, dtype=np.float32), np.arange(width, dtype=np.float32)
    x, y = (width - 1) / 2, (height - 1) / 2
    for _ in range(STEPS):
        near_y, near_x = (
            np.exp(-((axis - at) ** 2) / (2 * (WINDOW * COARSE) ** 2)) for axis, at in ((rows, y), (columns, x))
        )
        shown = dark * near_y[:, None] * near_x
        total = float(shown.sum())
        if total <= 0:
            break
        before = x, y
        x, y = float(shown.sum(axis=0) @ columns) / total, float(shown.sum(axis=1) @ rows) / total
        if math.hypot(x - before[0], y - before[1]) < STILL:
            break
    return x, y


def _disc() -> np.ndarray:
    rows, columns = np.ogrid[:SIDE, :SIDE]
    return (np.hypot(rows - SIDE / 2, columns - SIDE / 2) <= RADIUS).astype(np.float32)
