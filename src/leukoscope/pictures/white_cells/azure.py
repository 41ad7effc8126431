"""How much more green light than blue a pixel swallows: much in nuclei, hardly in red cells, whatever the lamp."""

from __future__ import annotations

import cv2
import numpy as np

from leukoscope.pictures.cell_mask.nuclei import CROSS, LEAST, opened
from leukoscope.pictures.cell_mask.sight import GREENS, Bits, Sight, density
from leukoscope.pictures.optical_density import Plane

STRENGTH = 1.2
"""A nucleus has at least so many times the density in green that red cells have as their azure."""
FAINTEST, STRONGEST = 0.12, 0.6
"""Between these bounds."""
SHARE = 0.5
"""What has this share of the field's strongest azure is nucleus for sure."""
WAY = 0.4
"""How far from the red cells' azure to that of sure nuclei the nuclei begin."""
RED_CELLS = 0.8
"""What has less than this share of the least azure of a nucleus speaks for the red cells."""
LIKELY = 0.5
"""What has less azure than this is likely no nucleus, whatever the stain."""


def azure_of(sight: Sight) -> Plane:
    """Return the density in green less that in blue, (h, w) float32.

    Azure B with eosin swallows green and lets blue pass; haemoglobin swallows both. An uneven light dims both alike, so
    that it is not seen here.

    Args:
        sight: The field.
    """
    blue = sight.purple + np.float32(GREENS) * sight.green
    return density(sight.green) - density(blue)


def least_azure(sight: Sight, azure: Plane, edge: float) -> float:
    """Return the least azure of a nucleus: less where the stain is pale.

    Args:
        sight: The field.
        azure: From ``azure_of``.
        edge: The level in green below which a pixel is stained.
    """
    red = density(sight.green)[(sight.green < edge) & (azure < LIKELY)]
    strength = float(np.median(red)) if red.size > LEAST else 0.0
    return float(np.clip(STRENGTH * strength, FAINTEST, STRONGEST)) if strength else STRONGEST / 2


def dark_of(azure: Plane, stained: Bits, least: float) -> Bits:
    """Return the parts that may be nuclei, (h, w) uint8, 0 and 1; none where too few pixels are azure.

    Where nuclei begin is set between two sure groups, the strongest azure and the red cells; so it does not depend on
    how many there are of each, as Otsu's threshold does, and holds in a field of one white cell and of a hundred.

    Args:
        azure: From ``azure_of``.
        stained: (h, w) uint8, 0 and 1: what is not the ground.
        least: From ``least_azure``.
    """
    nothing = np.zeros(azure.shape, dtype=np.uint8)
    if azure.size <= LEAST:
        return nothing
    strongest = float(np.partition(azure, azure.size - LEAST, axis=None)[azure.size - LEAST])
    sure = opened((azure > max(least, SHARE * strongest)).astype(np.uint8), CROSS)
    if cv2.countNonZero(sure) < LEAST:
        return nothing
    pale = azure[(stained > 0) & (azure < RED_CELLS * least)]
    low = float(np.median(pale)) if pale.size > LEAST else 0.0
    high = float(np.median(azure[sure > 0]))
    return opened((azure > low + WAY * (high - low)).astype(np.uint8), CROSS)
