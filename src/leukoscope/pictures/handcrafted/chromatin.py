"""Texture of the chromatin: how levels follow each other within the nucleus, and which small patterns they make."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from leukoscope.pictures.cell_measures import CellMeasure
from leukoscope.pictures.optical_density import Mask

LEVELS = 32
"""The green channel is taken in so many steps; it is what violet stain swallows most."""
NEAR, FAR = 1, 4
"""How many px two pixels are apart, along rows, columns and both diagonals."""
NEIGHBOURS = ((-1, -1), (-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1))
"""Of a pixel, once around: rows and columns."""
MIXED = len(NEIGHBOURS) + 1

Bits = NDArray[np.uint8]


def _pairs_of(name: str, px: str) -> tuple[CellMeasure, ...]:
    most = float(LEVELS - 1)
    return (
        CellMeasure(f"{name}_contrast", "steps²", (0, most**2), f"How much levels differ {px} on: coarse chromatin."),
        CellMeasure(f"{name}_homogeneity", "1", (0, 1), f"How alike levels are {px} on: smooth, fine chromatin."),
        CellMeasure(f"{name}_energy", "1", (0, 1), f"How few pairs of levels there are {px} apart: even chromatin."),
        CellMeasure(f"{name}_correlation", "1", (-1, 1), f"How far a level tells the one {px} on: clumps or grain."),
    )


def _pattern(brighter: int) -> CellMeasure:
    words = {0: "bright spots", 4: "straight edges", 8: "dark spots and even ground"}
    told = f": {words[brighter]}" if brighter in words else ""
    said = f"Nucleus with {brighter} of 8 neighbours, in one run, as bright or brighter{told}."
    return CellMeasure(f"chromatin_pattern_{brighter}", "share", (0, 1), said)


TEXTURES: tuple[CellMeasure, ...] = (
    *_pairs_of("chromatin", f"{NEAR} px"),
    *_pairs_of("chromatin_far", f"{FAR} px"),
    *(_pattern(brighter) for brighter in range(MIXED)),
    CellMeasure("chromatin_pattern_mixed", "share", (0, 1), "Nucleus with brighter neighbours in several runs: grain."),
)
"""What ``texture_of`` gives, in order."""


def texture_of(green: Bits, nucleus: Mask) -> list[float]:
    """Measure the chromatin.

    Contrast, homogeneity, energy and correlation are of the grey-level co-occurrence matrix of pairs within the
    nucleus, over all directions (Haralick, Shanmugam & Dinstein 1973, IEEE Trans SMC-3:610; energy is the root of its
    angular second moment, homogeneity its inverse difference moment, as in scikit-image). Patterns are the uniform
    local binary ones, 8 neighbours, whatever the turn (Ojala, Pietikäinen & Mäenpää 2002, IEEE Trans PAMI 24:971).
    Where levels do not vary, the correlation is 1.

    Args:
        green: (h, w) uint8, the green channel.
        nucleus: (h, w) bool, not empty.

    Returns:
        One number a measure of ``TEXTURES``.
    """
    # What is not nucleus is a level of its own, which is cut off the tables.
    steps = np.where(nucleus, green // (256 // LEVELS), LEVELS).astype(np.uint8)
    return [*_cooccurrence(steps, NEAR), *_cooccurrence(steps, FAR), *_patterns(green, nucleus)]


def _cooccurrence(steps: Bits, apart: int) -> list[float]:
    counts = np.zeros((LEVELS, LEVELS))
    for down, across in ((0, apart), (apart, 0), (apart, apart), (apart, -apart)):
        counts += _counted(steps, down, across)
    if not counts.any():
        return [0.0, 1.0, 1.0, 1.0]
    shares = (counts + counts.T) / (2 * counts.sum())
    level = np.arange(LEVELS)
    apart_by = (level[:, None] - level) ** 2
    mean = float(shares.sum(axis=1) @ level)
    variance = float(shares.sum(axis=1) @ (level - mean) ** 2)
    together = float((level - mean) @ shares @ (level - mean))
    correlation = together / variance if variance > 1e-9 else 1.0  # noqa: PLR2004 - rounding alone
    energy = math.sqrt(float((shares**2).sum()))
    return [float((shares * apart_by).sum()), float((shares / (1 + apart_by)).sum()), min(energy, 1.0), correlation]


def _counted(steps: Bits, down: int, across: int) -> NDArray[np.float64]:
    """Return how often a step has another one so far down and across, (LEVELS, LEVELS)."""
    height, width = steps.shape
    if down >= height or abs(across) >= width:
        return np.zeros((LEVELS, LEVELS))
    left, right = max(-across, 0), max(across, 0)
    first = np.ascontiguousarray(steps[: height - down, left : width - right])
    second = np.ascontiguousarray(steps[down:, right : width - left])
    bins = LEVELS + 1
    counts = cv2.calcHist([first, second], [0, 1], None, [bins, bins], [0, bins, 0, bins])
    return np.asarray(counts[:LEVELS, :LEVELS], dtype=np.float64)


def _patterns(green: Bits, nucleus: Mask) -> list[float]:
    """Return the shares of the patterns among the pixels that have all neighbours within the nucleus."""
    inside = cv2.erode(
        nucleus.astype(np.uint8), np.ones((3, 3), np.uint8), borderType=cv2.BORDER_CONSTANT, borderValue=0
    )
    if not inside.any():
        return [0.0] * (MIXED + 1)
    middle = green[1:-1, 1:-1]
    height, width = middle.shape
    code = np.zeros_like(middle)
    for place, (down, across) in enumerate(NEIGHBOURS):
        neighbour = green[1 + down : 1 + down + height, 1 + across : 1 + across + width]
        code |= (neighbour >= middle).astype(np.uint8) << np.uint8(place)
    counts = np.bincount(PATTERN_OF[code[inside[1:-1, 1:-1] > 0]], minlength=MIXED + 1)
    return [float(share) for share in counts / counts.sum()]


def _pattern_of(code: int) -> int:
    """Return how many neighbours a code says are as bright, where they are one run; else ``MIXED``."""
    bits = [code >> place & 1 for place in range(len(NEIGHBOURS))]
    turns = sum(one != bits[place - 1] for place, one in enumerate(bits))
    return sum(bits) if turns <= 2 else MIXED  # noqa: PLR2004 - one run begins once and ends once


PATTERN_OF: NDArray[np.int64] = np.array([_pattern_of(code) for code in range(256)])
"""The pattern of each code, 0 to ``MIXED``."""
