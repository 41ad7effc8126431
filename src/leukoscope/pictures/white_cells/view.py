"""A field as the search for white cells sees it: its red cells of one size whatever the microscope and the camera."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from leukoscope.errors import DataError
from leukoscope.pictures.cell_mask.nuclei import edge_of, stained_of
from leukoscope.pictures.cell_mask.sight import Bits, Sight, seen
from leukoscope.pictures.conversion import Pixels
from leukoscope.pictures.optical_density import Plane
from leukoscope.pictures.white_cells.azure import azure_of, dark_of, least_azure

RED_CELL = 28.0
"""Px of a red cell in the view: about what it has in the pictures of single cells that ``cell_mask`` was made for."""
GROWN = 2.0
"""A field is not enlarged further: there is nothing to see in it."""
LARGEST = 40_000_000


@dataclass(frozen=True)
class View:
    """A field, shrunk (or grown) so that its red cells are 28 px wide.

    Args:
        sight: Its planes.
        azure: (h, w) float32, ``azure_of``.
        least_azure: What a nucleus has of it at least.
        dark: (h, w) uint8, 0 and 1: what may be nucleus.
        stained: (h, w) uint8, 0 and 1: what is not the ground, without holes.
        edge: The level in green below which a pixel is stained.
        scale: Px of the view for each px of the field.
    """

    sight: Sight
    azure: Plane
    least_azure: float
    dark: Bits
    stained: Bits
    edge: float
    scale: float


def view_of(pixels: Pixels, red_cell: float) -> View:
    """Return a field as the search sees it.

    Args:
        pixels: (h, w, 3) uint8, RGB, in the lamp's light.
        red_cell: Diameter of a red cell in px, above 0.

    Raises:
        DataError: at that size of red cells the field would be too large to search at once.
    """
    sized, scale = _sized(pixels, min(RED_CELL / red_cell, GROWN))
    sight = seen(sized)
    azure, edge = azure_of(sight), edge_of(sight)
    least = least_azure(sight, azure, edge)
    dark = dark_of(azure, (sight.green < edge).astype(np.uint8), least)
    return View(sight, azure, least, dark, stained_of(sight, dark, edge), edge, scale)


def _sized(pixels: Pixels, scale: float) -> tuple[Pixels, float]:
    height, width = (max(round(side * scale), 1) for side in pixels.shape[:2])
    if height * width > LARGEST:
        raise DataError(
            f"With red cells of {RED_CELL / scale:.0f} px this field is too large to search at once "
            f"({pixels.shape[1]:,} x {pixels.shape[0]:,} px).",
            do="Cut it into fields, or give the right size of a red cell.",
        )
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(pixels, (width, height), interpolation=how)), scale
