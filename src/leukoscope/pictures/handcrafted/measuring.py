"""Measuring a cell by hand: its mask, then shape, chromatin and colour, in a fixed order."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
from numpy.typing import NDArray

from leukoscope.pictures.cell_mask import CellMask, cell_mask
from leukoscope.pictures.cell_measures import CellMeasure, Values
from leukoscope.pictures.conversion import Pixels
from leukoscope.pictures.handcrafted.chromatin import TEXTURES, texture_of
from leukoscope.pictures.handcrafted.colour import COLOURS, colour_of
from leukoscope.pictures.handcrafted.shape import SHAPES, shape_of

VERSION = 3
"""Raised whenever the same picture would give other values, as it does where masks are found otherwise."""
MEASURES: tuple[CellMeasure, ...] = (*SHAPES, *TEXTURES, *COLOURS)
"""In order."""
NAMES: tuple[str, ...] = tuple(measure.name for measure in MEASURES)


def measure_by_hand(pixels: Pixels) -> Values:
    """Measure the cell in the middle of a picture.

    The measures are those of systems that came before networks: Putzu, Caocci & Di Ruberto 2014 (Artif Intell Med
    62:179) and Mohapatra, Patra & Satpathy 2014 (Neural Comput Appl 24:1887) told leukaemic from normal cells by them,
    with support vectors and ensembles.

    Args:
        pixels: (h, w, 3) uint8, RGB; at least 1 px a side. Areas and lengths are in its px: pictures of one
            magnification can be compared, and should not be resized before.

    Returns:
        (n,) float32, as ``MEASURES`` names them, finite; all 0 where no cell is found.

    Example:
        >>> measure_by_hand(np.zeros((32, 32, 3), dtype=np.uint8)).any()
        np.False_
    """
    return measure_masked(pixels, cell_mask(pixels))


def measure_masked(pixels: Pixels, mask: CellMask) -> Values:
    """Measure a cell whose mask is known, as ``measure_by_hand`` does.

    Args:
        pixels: (h, w, 3) uint8, RGB.
        mask: Where cell and nucleus lie. Where there is a cell and no nucleus, the cell stands for it.
    """
    if not mask.found or not mask.cell.any():
        return np.zeros(len(MEASURES), dtype=np.float32)
    left, top, width, height = cv2.boundingRect(mask.cell.astype(np.uint8))
    place = np.s_[top : top + height, left : left + width]
    seen, cell = np.ascontiguousarray(pixels[place]), mask.cell[place]
    nucleus = mask.nucleus[place] if mask.nucleus.any() else cell
    green = np.ascontiguousarray(seen[..., 1])
    return np.array(
        [*shape_of(cell, nucleus), *texture_of(green, nucleus), *colour_of(seen, cell, nucleus)], dtype=np.float32
    )


def measure_all_by_hand(pixels: NDArray[np.uint8], *, workers: int | None = None) -> Values:
    """Measure the cells of many pictures.

    Args:
        pixels: (n, h, w, 3) uint8, RGB.
        workers: Threads that measure; as many as there are processors where None.

    Returns:
        (n, m) float32, row by row the same as ``measure_by_hand``.
    """
    if not len(pixels):
        return np.zeros((0, len(MEASURES)), dtype=np.float32)
    with ThreadPoolExecutor(min(workers or os.cpu_count() or 1, len(pixels))) as threads:
        return np.stack(list(threads.map(measure_by_hand, pixels)))
