"""The sheet of copies that balance the classes: cells as they are, and how their copies lie."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from leukoscope.errors import SettingsError
from leukoscope.reports.sheets import UNCHANGED, picture_sheet

COLUMNS = 6


def balance_sheet(
    cells: Sequence[Sequence[np.ndarray]], names: Sequence[Sequence[str]], path: Path, *, columns: int = COLUMNS
) -> Path:
    """Write cells with their copies, as many cells in a row as there is room for.

    Args:
        cells: n cells, n at least 1; of each the cell as it is, then its copies, (h, w, 3) uint8, RGB; all of one
            number.
        names: The same in words: the cell's id, then how each copy lies.
        path: The png to write.
        columns: Pictures in a row; more where a cell has more copies.

    Returns:
        ``path``.

    Raises:
        SettingsError: there is no cell, they have unequal numbers of pictures, or not a name for each.
    """
    sizes = {len(group) for group in (*cells, *names)}
    if len(cells) != len(names) or len(sizes) != 1:
        raise SettingsError(
            "A sheet of copies needs cells with equal numbers of copies, and a name for each picture; got "
            f"{[len(group) for group in cells]} pictures, {[len(group) for group in names]} names."
        )
    [size] = sizes
    pictures = [picture for group in cells for picture in group]
    captions = [f"{name}\n{UNCHANGED}" if place == 0 else name for group in names for place, name in enumerate(group)]
    return picture_sheet(pictures, captions, path, columns=max(columns // size, 1) * size)
