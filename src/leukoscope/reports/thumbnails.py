"""Small pictures for a page: cut, turned and shrunk so that two pictures of one cell can be held beside each other."""

from __future__ import annotations

import io
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

Pixels = NDArray[np.uint8]

SIDE = 128
"""Longer side of a thumbnail, in pixels."""
LEAST_TURN = 2.0
"""Degrees from which on a turn is worth mentioning, and a turned picture is shown turned back."""
QUALITY = 88
MARGIN = 1.08
SMALLEST_BOX = 10
FRAME = (228, 48, 56)


@dataclass(frozen=True)
class Window:
    """A square that is cut out of a picture.

    Args:
        x: Column of its centre, in pixels; may lie anywhere.
        y: Row of its centre.
        side: Its side in pixels; what lies outside of the picture is black.
    """

    x: float
    y: float
    side: float


def cell_window(box: tuple[int, int, int, int], side: float | None = None) -> Window:
    """Return the square around a cell that lies on black, with a little room.

    Args:
        box: Left, top, right, bottom of the pixels that are not black; right and bottom are the first beyond.
        side: The longer side of the largest box that is shown beside it, so that both have one scale; its own if None.

    Example:
        >>> cell_window((10, 20, 60, 40)).side
        54.0
    """
    left, top, right, bottom = box
    longest = max(right - left, bottom - top) if side is None else side
    return Window((left + right) / 2, (top + bottom) / 2, longest * MARGIN)


def cut(pixels: Pixels, window: Window) -> Pixels:
    """Return a square of a picture, shrunk to at most ``SIDE`` pixels and never enlarged.

    Args:
        pixels: (h, w, 3) uint8, RGB.
        window: What is cut out.

    Returns:
        (s, s, 3) uint8, RGB.
    """
    side = max(round(window.side), 1)
    left, top = round(window.x - side / 2), round(window.y - side / 2)
    square = np.zeros((side, side, 3), np.uint8)
    inner = pixels[max(top, 0) : max(top + side, 0), max(left, 0) : max(left + side, 0)]
    # Beyond the picture nothing is left of it, wherever the corner lies.
    row, column = (min(max(-start, 0), side) for start in (top, left))
    square[row : row + inner.shape[0], column : column + inner.shape[1]] = inner
    return shrunk(square)


def turned_back(pixels: Pixels, degrees: float, *, flipped: bool) -> Pixels:
    """Return a picture as it was before it was mirrored left to right (where it was) and then turned.

    What comes in from outside is black.

    Args:
        pixels: (h, w, 3) uint8, RGB.
        degrees: By how much it was turned anticlockwise about its centre.
        flipped: Whether it was mirrored before.
    """
    height, width = pixels.shape[:2]
    matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), -degrees, 1.0)
    back = cv2.warpAffine(np.ascontiguousarray(pixels), matrix, (width, height), flags=cv2.INTER_CUBIC)
    return np.asarray(back[:, ::-1] if flipped else back, np.uint8)


def smallest_turn(degrees: float | None) -> float:
    """Return the angle between a picture and the same one turned, 0 to 180.

    Example:
        >>> smallest_turn(357.0), smallest_turn(-90), smallest_turn(None)
        (3.0, 90.0, 0.0)
    """
    turn = (degrees or 0.0) % 360
    return float(min(turn, 360 - turn))


def framed(pixels: Pixels, side: int) -> Pixels:
    """Return a picture as a thumbnail with the edge of its centre square drawn in, as ``center_crop`` takes it.

    Args:
        pixels: (h, w, 3) uint8, RGB.
        side: Side of the square in pixels.
    """
    height, width = pixels.shape[:2]
    left, top = max((width - side) // 2, 0), max((height - side) // 2, 0)
    return outlined(pixels, (left, top, min(left + side, width), min(top + side, height)))


def outlined(pixels: Pixels, box: tuple[float, float, float, float]) -> Pixels:
    """Return a picture as a thumbnail with a box drawn in; one that would be too small to be seen is drawn larger.

    Args:
        pixels: (h, w, 3) uint8, RGB.
        box: Left, top, right, bottom in pixels of the picture; right and bottom are the first beyond.
    """
    small = Image.fromarray(shrunk(pixels))
    scale = small.width / pixels.shape[1]
    left, top, right, bottom = (value * scale for value in box)
    wide, high = (max(SMALLEST_BOX - (end - start), 0) / 2 for start, end in ((left, right), (top, bottom)))
    corners = (left - wide, top - high, right + wide - 1, bottom + high - 1)
    ImageDraw.Draw(small).rectangle(corners, outline=FRAME, width=2)
    return np.asarray(small)


def shrunk(pixels: Pixels) -> Pixels:
    """Return a picture whose longer side has at most ``SIDE`` pixels; a smaller one stays as it is.

    Args:
        pixels: (h, w, 3) uint8, RGB.
    """
    height, width = pixels.shape[:2]
    scale = SIDE / max(height, width)
    if scale >= 1:
        return pixels
    size = (max(round(width * scale), 1), max(round(height * scale), 1))
    return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.LANCZOS))


def as_jpeg(pixels: Pixels) -> bytes:
    """Return the bytes of a JPEG of quality 88 with colour at full size; the same pixels give the same bytes.

    Args:
        pixels: (h, w, 3) uint8, RGB.
    """
    packed = io.BytesIO()
    Image.fromarray(pixels).save(packed, format="JPEG", quality=QUALITY, subsampling=0, optimize=True)
    return packed.getvalue()
