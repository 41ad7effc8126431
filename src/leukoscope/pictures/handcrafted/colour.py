"""Colour of the nucleus and of the cytoplasm: means and deviations of the channels and of the saturation."""

from __future__ import annotations

import cv2
import numpy as np

from leukoscope.pictures.cell_measures import CellMeasure
from leukoscope.pictures.conversion import Pixels
from leukoscope.pictures.handcrafted.shape import LEAST_CYTOPLASM
from leukoscope.pictures.optical_density import Mask

CHANNELS = {"red": 255.0, "green": 255.0, "blue": 255.0, "saturation": 1.0}
"""Each channel's highest value; saturation is 0 in grey, 1 in the purest colour."""


def _of(part: str) -> tuple[CellMeasure, ...]:
    units = {name: "level" if most > 1 else "1" for name, most in CHANNELS.items()}
    means = [
        CellMeasure(f"{part}_{name}", units[name], (0, most), f"Mean {name} of the {part}.")
        for name, most in CHANNELS.items()
    ]
    deviations = [
        CellMeasure(f"{part}_{name}_sd", units[name], (0, most / 2), f"How much the {name} varies within the {part}.")
        for name, most in CHANNELS.items()
    ]
    return (*means, *deviations)


COLOURS: tuple[CellMeasure, ...] = (*_of("nucleus"), *_of("cytoplasm"))
"""What ``colour_of`` gives, in order."""


def colour_of(pixels: Pixels, cell: Mask, nucleus: Mask) -> list[float]:
    """Measure the colours as they are in the picture, whatever the lamp.

    Where the nucleus leaves next to no cytoplasm (``LEAST_CYTOPLASM`` of the cell), the whole cell stands for it.

    Args:
        pixels: (h, w, 3) uint8, RGB.
        cell: (h, w) bool, not empty.
        nucleus: (h, w) bool, within the cell, not empty.

    Returns:
        One number a measure of ``COLOURS``.
    """
    saturation = cv2.cvtColor(pixels, cv2.COLOR_RGB2HSV)[..., 1]
    cytoplasm = cell & ~nucleus
    seen = cytoplasm.sum() > LEAST_CYTOPLASM * cell.sum()
    return [
        *_moments(pixels, saturation, nucleus),
        *_moments(pixels, saturation, cytoplasm if seen else cell),
    ]


def _moments(pixels: Pixels, saturation: np.ndarray, mask: Mask) -> list[float]:
    bits = mask.astype(np.uint8)
    means, deviations = cv2.meanStdDev(pixels, mask=bits)
    mean, deviation = cv2.meanStdDev(saturation, mask=bits)
    share = float(mean[0, 0]) / 255, float(deviation[0, 0]) / 255
    return [*means[:, 0].tolist(), share[0], *deviations[:, 0].tolist(), share[1]]
