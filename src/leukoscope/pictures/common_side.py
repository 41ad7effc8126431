"""The side of the centre square that all pictures of a data set have: what ``center_crop: auto`` stands for."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image

from leukoscope.errors import DataError
from leukoscope.pictures.decode import decode_content, quiet, read_content
from leukoscope.pictures.recognition import FORMATS

NEARLY = 0.85
"""A side of so large a share of the commonest is another copy of the same pictures; a smaller one is odd."""


def common_side(sides: Iterable[int | None]) -> int:
    """Return the largest centre square, px, that no picture falls short of, but for much smaller ones.

    On a smaller picture ``center_crop`` would leave a black rim, and where a class was copied at another size the rim
    would tell it. Much smaller pictures do not shrink the rest: they get the rim, and the audit names them.

    Args:
        sides: The shorter side of each picture, px; None where it is not known.

    Raises:
        DataError: no side is known.

    Example:
        >>> common_side([400, 400, 400, 360, 12, None])
        360
    """
    known = np.array([side for side in sides if side], dtype=np.int64)
    if not known.size:
        raise DataError("None of the pictures can be read, so there is no common size.", do="Look at their problems.")
    values, counts = np.unique(known, return_counts=True)
    return int(values[values >= NEARLY * values[counts.argmax()]].min())


def shorter_sides(files: Iterable[Path]) -> list[int | None]:
    """Return the shorter side of each picture, px, as its header states it; None where there is none to be had.

    Args:
        files: Where the pictures lie.
    """
    with quiet(), ThreadPoolExecutor() as pool:
        return list(pool.map(_shorter_side, files))


def _shorter_side(path: Path) -> int | None:
    try:
        with Image.open(path, formats=FORMATS) as picture:
            return min(picture.size)
    except Exception:  # a damaged header makes a decoder raise nearly anything
        return _decoded_side(path)


def _decoded_side(path: Path) -> int | None:
    try:
        height, width = decode_content(read_content(path)).pixels.shape[:2]
    except DataError:
        return None
    return int(min(height, width))
