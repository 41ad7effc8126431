"""Where the cell in the middle of a picture lies, and where its nucleus: two masks, found without any training."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage.filters import threshold_multiotsu

from leukoscope.pictures.cell_light import CellLight, density_of
from leukoscope.pictures.conversion import Pixels
from leukoscope.pictures.optical_density import Mask

SIDE = 224.0
"""Lengths below are in px of a picture of this side, and grow and shrink with the picture."""
SOFTENED, SOFTENED_COLOUR = 1.0, 1.2
OPENED, APART = 2.0, 2.0
DARKEST = 105.0
"""No nucleus is lighter than this in green (0 to 255), whatever else is in the picture."""
LEAST_NUCLEUS = 250.0
"""Smaller dark spots (px of area) are platelets, granules and dirt."""
FARTHEST = 75.0
"""No cytoplasm lies further than this from the middle."""
DISC = 25.0
"""Radius of the disc that stands for a nucleus where none is found."""
BASOPHIL = 0.52
"""What is stained blue swallows at most this share of the red light's density in blue; red cells swallow more blue."""
STAINED = 0.06
PALER = 0.35
"""On black, a cell whose dark and pale parts differ by less than this in green density is all nucleus."""
SOFTENED_ON_BLACK, JOINED_ON_BLACK = 3.0, 6.0
"""On black there is no field to hold on to: clumps of chromatin are smoothed away, gaps among them closed."""
RED_AND_BLUE = [0, 2]
CROSS: NDArray[np.uint8] = np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]], dtype=np.uint8)

Bits = NDArray[np.uint8]


@dataclass(frozen=True)
class Outline:
    """The cell in the middle of a picture.

    Args:
        nucleus: (h, w) bool, never empty.
        cell: (h, w) bool, the nucleus included.
        found: Whether a nucleus was found; else a disc in the middle stands for it.
    """

    nucleus: Mask
    cell: Mask
    found: bool


def outline_cell(pixels: Pixels, light: CellLight) -> Outline:
    """Return the outline of the cell in the middle of a picture, and of its nucleus.

    The nucleus is the dark part in green (Otsu's threshold of three classes: nuclei, cells, field; of two on black,
    where there is no field) that lies nearest to the middle. In a smear the cell is what is stained blue rather than
    red about it, without the other nuclei; on black it is all that is not black and hangs together with it. Where no
    nucleus is found, a disc in the middle stands for it.

    Args:
        pixels: (h, w, 3) uint8, RGB.
        light: The same picture as swallowed light.
    """
    unit = min(pixels.shape[:2]) / SIDE
    away = _away((pixels.shape[0], pixels.shape[1]))
    nucleus, others = _middlemost(_dark_parts(pixels, light, unit), away, LEAST_NUCLEUS * unit**2)
    found = bool(nucleus.any())
    if not found:
        nucleus, others = (away <= max(DISC * unit, 1)).astype(np.uint8), np.zeros_like(nucleus)
    body = _stained_body(pixels, light, away, unit) | grown(nucleus, OPENED, unit)
    body[light.hidden] = 0
    if not light.on_black:
        body &= (1 - grown(others, APART, unit)) | nucleus
    cell = _filled(_piece_with(_opened(body, unit) | nucleus, nucleus)) | nucleus
    return Outline(nucleus > 0, cell > 0, found)


def grown(mask: Bits, by: float, unit: float) -> Bits:
    """Return a mask grown by a length, or shrunk where that is below zero; by 1 px at least.

    Args:
        mask: (h, w) uint8, 0 and 1; what lies beyond the picture is 0.
        by: The length in px of a picture of 224 px, along rows and columns.
        unit: How many px of this picture such a px is.
    """
    steps = max(round(abs(by) * unit), 1)
    change = cv2.dilate if by > 0 else cv2.erode
    return np.asarray(
        change(mask, CROSS, iterations=steps, borderType=cv2.BORDER_CONSTANT, borderValue=0), dtype=np.uint8
    )


def _away(shape: tuple[int, int]) -> NDArray[np.float32]:
    """Return each pixel's distance from the middle, (h, w)."""
    rows, columns = (np.arange(side, dtype=np.float32) - np.float32((side - 1) / 2) for side in shape)
    return np.asarray(np.sqrt((rows**2)[:, None] + columns**2), dtype=np.float32)


def _dark_parts(pixels: Pixels, light: CellLight, unit: float) -> Bits:
    """Return the dark parts in green, (h, w), without holes."""
    green = pixels[..., 1].astype(np.float32)
    if light.on_black:
        return _filled(_dark_on_black(green, (~light.hidden).astype(np.uint8), unit))
    green = _soft(green, SOFTENED * unit)
    cut = min(_threshold(green, (~light.hidden).astype(np.uint8), 3), DARKEST)
    return _filled(_opened(((green < cut) & ~light.hidden).astype(np.uint8), unit))


def _dark_on_black(green: NDArray[np.float32], shown: Bits, unit: float) -> Bits:
    # What is hidden has no weight in the smoothing: else every edge would be dark.
    sigma = SOFTENED_ON_BLACK * unit
    weight = np.maximum(_soft(shown.astype(np.float32), sigma), np.float32(1e-3))
    green = np.divide(_soft(green * shown, sigma), weight, dtype=np.float32)
    cut = _threshold(green, shown, 2)
    dark = (green < cut).astype(np.uint8) & shown
    pale_mean, dark_mean = cv2.mean(green, shown - dark)[0], cv2.mean(green, dark)[0]
    if not dark.any() or math.log((pale_mean + 1) / (dark_mean + 1)) < PALER:
        return _opened(shown, unit)
    return grown(grown(_opened(dark, unit), JOINED_ON_BLACK, unit), -JOINED_ON_BLACK, unit) & shown


def _soft(values: NDArray[Any], sigma: float) -> NDArray[np.float32]:
    return np.asarray(cv2.GaussianBlur(values, (0, 0), sigma), dtype=np.float32)


def _threshold(green: NDArray[Any], shown: Bits, classes: int) -> float:
    """Return Otsu's lowest threshold of so many classes among the shown pixels; 0 where there are no such classes."""
    low, high, _, _ = cv2.minMaxLoc(green, shown)
    if not high - low >= classes:
        return 0.0
    counts = cv2.calcHist([green], [0], shown, [256], [low, np.nextafter(np.float32(high), np.float32(np.inf))])
    if np.count_nonzero(counts) < classes:
        return 0.0
    edges = np.linspace(low, high, 257)
    middles = (edges[1:] + edges[:-1]) / 2
    return float(threshold_multiotsu(hist=(counts.ravel(), middles), classes=classes)[0])  # type: ignore[no-untyped-call]


def _middlemost(dark: Bits, away: NDArray[np.float32], least: float) -> tuple[Bits, Bits]:
    """Return the part nearest to the middle (by its nearest pixel, and a little by its centre), and all other parts."""
    _, parts, stats, centres = cv2.connectedComponentsWithStats(dark, connectivity=4)
    height, width = dark.shape
    middle = np.array([(width - 1) / 2, (height - 1) / 2])
    large = [part for part in range(1, len(stats)) if stats[part, cv2.CC_STAT_AREA] > least]
    nearest = {part: _least(away, parts == part) + 0.2 * float(np.hypot(*(centres[part] - middle))) for part in large}
    mine = (parts == min(nearest, key=lambda part: nearest[part], default=-1)).astype(np.uint8)
    return mine, dark - mine


def _least(away: NDArray[np.float32], part: Mask) -> float:
    return float(cv2.minMaxLoc(away, part.astype(np.uint8))[0])


def _stained_body(pixels: Pixels, light: CellLight, away: NDArray[np.float32], unit: float) -> Bits:
    """Return what may be cytoplasm: on black all that is shown, else what is stained blue and near the middle."""
    if light.on_black:
        return (~light.hidden).astype(np.uint8)
    softened = (_soft(pixels[..., channel].astype(np.float32), SOFTENED_COLOUR * unit) for channel in RED_AND_BLUE)
    red, blue = map(density_of, softened, light.lamp[RED_AND_BLUE])
    stained = (red > STAINED) & (blue < BASOPHIL * red) & (away < FARTHEST * unit)
    return stained.astype(np.uint8)


def _opened(mask: Bits, unit: float) -> Bits:
    return grown(grown(mask, -OPENED, unit), OPENED, unit)


def _filled(mask: Bits) -> Bits:
    """Return a mask without its holes."""
    outside = cv2.copyMakeBorder(1 - mask, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=1)
    cv2.floodFill(outside, None, (0, 0), 2)
    return np.asarray(outside[1:-1, 1:-1] != 2, dtype=np.uint8)  # noqa: PLR2004 - what the flood reached


def _piece_with(body: Bits, nucleus: Bits) -> Bits:
    """Return the piece of a body that holds most of the nucleus."""
    pieces = cv2.connectedComponents(body, connectivity=4)[1]
    votes = np.bincount(pieces[nucleus > 0], minlength=1)
    votes[0] = 0
    return np.asarray(pieces == votes.argmax(), dtype=np.uint8) if votes.any() else nucleus
