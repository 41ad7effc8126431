"""Hand-crafted measures that are taken of every picture as it is, while it is decoded, and kept beside the store."""

from __future__ import annotations

import polars as pl

from leukoscope.pictures.conversion import Pixels
from leukoscope.pictures.facts import Facts
from leukoscope.pictures.handcrafted.measuring import NAMES, VERSION, measure_by_hand
from leukoscope.pictures.measure import Measure

NAME = "handcrafted"


def take(pixels: Pixels, _facts: Facts) -> dict[str, float]:
    """Return the measures of one picture, not framed and not resized, by their names.

    Args:
        pixels: (h, w, 3) uint8, RGB.
    """
    return dict(zip(NAMES, measure_by_hand(pixels).tolist(), strict=True))


HANDCRAFTED = Measure(NAME, VERSION, dict.fromkeys(NAMES, pl.Float32()), take)
"""For ``take_in(measures=(HANDCRAFTED,))``: a column a measure."""
