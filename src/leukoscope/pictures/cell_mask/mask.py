"""What a cell's mask is: where the cell lies, where its nucleus, and whether anything was found."""

from __future__ import annotations

from dataclasses import dataclass

from leukoscope.pictures.optical_density import Mask


@dataclass(frozen=True)
class CellMask:
    """A cell in a picture.

    Args:
        cell: (h, w) bool, the nucleus included.
        nucleus: (h, w) bool, within the cell.
        found: Whether there is a cell; else both masks are empty.
    """

    cell: Mask
    nucleus: Mask
    found: bool
