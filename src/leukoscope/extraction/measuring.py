"""How wide the red cells of all fields are: the median of a few of them, which one odd field cannot move."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from leukoscope.errors import DataError
from leukoscope.pictures.decode import decode_content, quiet, read_content
from leukoscope.pictures.white_cells import red_cell_diameter
from leukoscope.pictures.white_cells.finding import in_light

MEASURED = 24
"""So many fields are measured, evenly chosen."""
APART = 2.0
"""Where the widest red cells (90th percentile of fields) are so many times as wide as the narrowest (10th), the fields
are not of one magnification."""


def common_red_cell(files: list[Path]) -> tuple[float | None, str | None]:
    """Return the diameter of a red cell in px that holds for all fields, and what is to be said of it.

    Args:
        files: The fields.

    Returns:
        None where no field shows enough red cells, or where the fields differ too much: then each is measured by
        itself. The sentence is None where there is nothing to say.
    """
    found = sorted(_measured(files))
    if not found:
        return None, "No field shows enough red cells to measure: sizes are guessed. Give --red-cell."
    low, high = np.percentile(found, [10, 90])
    if high > APART * low:
        return None, (
            f"Red cells are {low:.0f} px wide in some fields and {high:.0f} px in others: each field is measured by "
            "itself. Extract magnifications one by one, or give --red-cell."
        )
    return float(np.median(found)), None


def _measured(files: list[Path]) -> Iterator[float]:
    places = np.linspace(0, max(len(files) - 1, 0), min(MEASURED, len(files))).round().astype(int)
    for place in dict.fromkeys(places.tolist()):
        try:
            with quiet():
                pixels = decode_content(read_content(files[place])).pixels
            diameter = red_cell_diameter(in_light(pixels))
        except DataError:  # it is listed when it is searched
            continue
        if diameter is not None:
            yield diameter
