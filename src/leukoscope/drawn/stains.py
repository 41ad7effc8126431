"""Colour by absorption: how much of each stain lies on a pixel, and what light is left of the lamp's.

The stains of a Romanowsky smear (May-Gruenwald-Giemsa, Wright) absorb by the law of Beer and Lambert, so that red cells
that overlap grow darker and a thick nucleus saturates, as they do under a microscope.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from leukoscope.drawn.fields import Plane

Stains = NDArray[np.float32]


class Stain(NamedTuple):
    """How much of each stain a structure takes up (0 = none; 1 = as much as a typical dense structure).

    Args:
        purple: Azure B with eosin on DNA: chromatin, azurophilic granules.
        blue: Azure B on RNA: basophilic cytoplasm, nucleoli.
        eosin: Eosin on protein: pink cytoplasm, eosinophilic granules.
        haem: Haemoglobin, as in red cells.
    """

    purple: float = 0.0
    blue: float = 0.0
    eosin: float = 0.0
    haem: float = 0.0


# Absorbance (natural logarithm) of each stain at amount 1 in red, green and blue light; read off typical smears.
ABSORBANCE = np.array(
    [[1.12, 2.05, 0.66], [0.84, 0.60, 0.14], [0.10, 0.62, 0.56], [0.22, 0.36, 0.33]],
    dtype=np.float32,
)


def blank(side: int) -> Stains:
    """Return an unstained drawing: (4, side, side) float32 zeros, one plane a stain."""
    return np.zeros((len(ABSORBANCE), side, side), dtype=np.float32)


def lay(stains: Stains, cover: Plane, stain: Stain, texture: Plane | float = 1.0) -> None:
    """Paint a structure over what lies there, in place.

    Args:
        stains: (4, h, w) float32, changed.
        cover: (h, w) float32 in [0, 1], how much of each pixel the structure takes.
        stain: What it takes up.
        texture: (h, w) factor on all of it, or one number.
    """
    for number, amount in enumerate(stain):
        stains[number] += cover * (np.float32(amount) * texture - stains[number])


def lay_each(stains: Stains, cover: Plane, amounts: tuple[Plane, Plane, Plane]) -> None:
    """Paint a structure whose stains vary each in its own way over what lies there, in place; it holds no haemoglobin.

    Args:
        stains: (4, h, w) float32, changed.
        cover: (h, w) float32 in [0, 1], how much of each pixel the structure takes.
        amounts: (h, w) of purple, blue and eosin.
    """
    for number, amount in enumerate((*amounts, np.float32(0))):
        stains[number] += cover * (amount - stains[number])


def add(stains: Stains, cover: Plane, stain: Stain) -> None:
    """Add a structure to what lies there, in place: it is seen through the others."""
    for number, amount in enumerate(stain):
        if amount:
            stains[number] += cover * np.float32(amount)
