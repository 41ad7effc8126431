"""The fingerprint that is taken of every picture while it is read: the packed portrait of its cell."""

from __future__ import annotations

import numpy as np
import polars as pl

from leukoscope.pictures.conversion import Pixels
from leukoscope.pictures.facts import Facts
from leukoscope.pictures.measure import Measure
from leukoscope.twins.figures import figure
from leukoscope.twins.portraits import BYTES, pack, portrait

NAME = "fingerprint"


def take(pixels: Pixels, _facts: Facts) -> dict[str, bytes | None]:
    """Return the fingerprint of one picture; null of one that shows nothing.

    Args:
        pixels: (h, w, 3) uint8, RGB.
    """
    cell = figure(pixels)
    waves = None if cell is None else portrait(cell)
    return {NAME: None if waves is None else pack(waves)}


FINGERPRINT = Measure(NAME, 1, {NAME: pl.Binary()}, take)
"""For ``take_in(measures=(FINGERPRINT,))``: a column ``fingerprint`` of 768 bytes, which hardly change when a picture
is shifted, rescaled or stained otherwise, and whose comparison does not change when it is turned or mirrored."""


def as_array(fingerprints: pl.Series) -> np.ndarray:
    """Return fingerprints as (n, 768) int8.

    Args:
        fingerprints: A column without nulls.
    """
    return np.frombuffer(b"".join(fingerprints), dtype=np.int8).reshape(-1, BYTES)
