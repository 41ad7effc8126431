"""A map over a picture: orange speaks for the class, blue against it, nothing leaves the picture pale grey."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from leukoscope.pictures.conversion import Pixels

# Vermillion and blue of Okabe & Ito (2008), which the colour-blind can tell apart.
FOR, AGAINST = (213, 94, 0), (0, 114, 178)
STRONGEST = 0.8
PALE = 0.55
QUANTILE = 0.99

Floats32 = npt.NDArray[np.float32]


def overlay(picture: Pixels, found: Floats32, scale: float) -> Pixels:
    """Return a picture in pale grey with its map in colour.

    Args:
        picture: (h, w, 3) uint8, RGB.
        found: (h', w') float32, any grid; spread smoothly over the picture.
        scale: The value from which on the colour is at its strongest, above 0; the same for all that are compared.

    Returns:
        (h, w, 3) uint8, RGB. Where the map is 0 it is the pale picture.
    """
    height, width = picture.shape[:2]
    spread = cv2.resize(np.ascontiguousarray(found, dtype=np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    strength = (STRONGEST * np.clip(np.abs(spread) / scale, 0, 1))[..., None]
    colour = np.where(spread[..., None] > 0, np.array(FOR), np.array(AGAINST))
    grey = cv2.cvtColor(np.ascontiguousarray(picture), cv2.COLOR_RGB2GRAY)[..., None].astype(np.float32)
    pale = 255 * PALE + (1 - PALE) * grey
    return np.round((1 - strength) * pale + strength * colour).astype(np.uint8)


def common_scale(maps: Floats32) -> float:
    """Return the scale that maps are compared on: the 99th percentile of what is not 0, 1 where all is.

    Args:
        maps: (k, h', w') float32.

    Example:
        >>> common_scale(np.zeros((2, 3, 3), np.float32))
        1.0
    """
    sizes = np.abs(maps[maps != 0])
    return float(np.quantile(sizes, QUANTILE)) if sizes.size else 1.0
