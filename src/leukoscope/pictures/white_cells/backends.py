"""Who looks for white cells: our search by colour, or Cellpose where it is installed."""

from __future__ import annotations

from collections.abc import Callable

from leukoscope.errors import SettingsError, nearest
from leukoscope.pictures.conversion import Pixels
from leukoscope.pictures.white_cells.cellpose import cellpose_finder
from leukoscope.pictures.white_cells.finding import find_white_cells
from leukoscope.pictures.white_cells.white_cell import WhiteCell

Finder = Callable[[Pixels, float | None], list[WhiteCell]]
"""From a field and the diameter of its red cells (None: measure it) to its white cells."""

BACKENDS: dict[str, Callable[[], Finder]] = {"colour": lambda: find_white_cells, "cellpose": cellpose_finder}
"""What makes a finder ready, by the name that settings use."""


def finder(name: str) -> Finder:
    """Return what looks for white cells.

    Args:
        name: ``colour`` or ``cellpose``.

    Raises:
        SettingsError: another name, or Cellpose is not installed.
    """
    if name not in BACKENDS:
        raise SettingsError(f"There is no backend {name!r}.", do=nearest(name, BACKENDS))
    return BACKENDS[name]()
