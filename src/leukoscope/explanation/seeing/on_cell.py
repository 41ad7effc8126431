"""How much of a map lies on the cell."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from leukoscope.explanation.overlay import Floats32
from leukoscope.pictures.optical_density import Mask


@dataclass(frozen=True)
class OnCell:
    """Shares of a map that lie on the cell, 0 to 1.

    Args:
        share: Of its absolute values; None where the map is 0 everywhere.
        positive: Of what speaks for the class; None where nothing does.
        chance: The cell's share of the picture: what a map that is the same everywhere would have.
    """

    share: float | None
    positive: float | None
    chance: float


def share_on_cell(found: Floats32, mask: Mask) -> OnCell:
    """Return how much of a map lies on the cell, beside the cell's share of the area.

    The mask is brought to the map's resolution: a place that lies half on the cell counts half.

    Args:
        found: (h', w') float32.
        mask: (h, w) bool, of the same view.

    Example:
        >>> share_on_cell(np.ones((2, 2), np.float32), np.array([[True, False]] * 2))
        OnCell(share=0.5, positive=0.5, chance=0.5)
    """
    on = mask_at(mask, (found.shape[0], found.shape[1]))
    return OnCell(_share(np.abs(found), on), _share(np.maximum(found, 0), on), float(mask.mean()))


def mask_at(mask: Mask, shape: tuple[int, int]) -> Floats32:
    """Return the share of each place of a coarser grid that lies on the cell, (h', w') float32, 0 to 1."""
    fine = mask.astype(np.float32)
    return fine if fine.shape == shape else np.asarray(cv2.resize(fine, shape[::-1], interpolation=cv2.INTER_AREA))


def _share(sizes: Floats32, on: Floats32) -> float | None:
    whole = float(sizes.sum(dtype=np.float64))
    return float((sizes.astype(np.float64) * on).sum() / whole) if whole > 0 else None
