"""Whether a picture's rim is dark: how a black background is told from a smear's light, whatever single pixels are."""

from __future__ import annotations

import numpy as np

from leukoscope.pictures.conversion import Pixels

DARK_BELOW = 32.0
"""The rim is dark where the median of the outermost pixels is below this."""


def dark_rim(levels: Pixels) -> bool:
    """Return whether the median level of the outermost pixels is below 32.

    Noise of compression does not change it, nor does a cell that covers a corner, up to half of the rim.

    Args:
        levels: (h, w) uint8, or (h, w, 3) uint8, of which each pixel's highest channel counts.

    Example:
        >>> picture = np.zeros((9, 9), np.uint8)
        >>> picture[:4, :4] = 200
        >>> dark_rim(picture), dark_rim(255 - picture)
        (True, False)
    """
    rim = np.concatenate([levels[0], levels[-1], levels[:, 0], levels[:, -1]])
    return float(np.median(rim if rim.ndim == 1 else rim.max(axis=1))) < DARK_BELOW
