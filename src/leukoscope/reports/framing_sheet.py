"""The sheet of pictures before and after framing: whether a normalised stain looks natural is seen, not counted."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from leukoscope.errors import SettingsError
from leukoscope.reports.sheets import picture_sheet

PAIRS = 3
FRAMED = "framed"


def framing_sheet(
    before: Sequence[np.ndarray], after: Sequence[np.ndarray], path: Path, *, ids: Sequence[str], pairs: int = PAIRS
) -> Path:
    """Write cells in pairs, as the file has them and, to the right, as the network will see them.

    Args:
        before: n pictures (h, w, 3) uint8, RGB, as decoded, of any size; n at least 1.
        after: The same cells framed, in the same order, (h', w', 3) uint8 each.
        path: The png to write.
        ids: The cells' ids, written beneath.
        pairs: Pairs in a row.

    Returns:
        ``path``.

    Raises:
        SettingsError: there is no picture, or not as many of each.
    """
    if not len(before) == len(after) == len(ids):
        raise SettingsError(
            "A sheet of framing needs each cell before and after, with its id; got "
            f"{len(before)} before, {len(after)} after, {len(ids)} ids."
        )
    pictures = [picture for pair in zip(before, after, strict=True) for picture in pair]
    captions = [caption for cell in ids for caption in (cell, FRAMED)]
    return picture_sheet(pictures, captions, path, columns=2 * pairs)
