"""To whom what lies between touching cells belongs."""

from __future__ import annotations

import numpy as np
from skimage.segmentation import watershed

from leukoscope.pictures.cell_mask.nuclei import Nuclei, distances
from leukoscope.pictures.cell_mask.sight import Bits
from leukoscope.pictures.optical_density import Mask


def left_to(cell: Bits, nuclei: Nuclei, number: int) -> Bits:
    """Return a cell without what belongs to the cells that it touches.

    What is stained is flooded from the nuclei on, the middle of each cell first (the watershed of the distance from the
    ground); where two floods meet is the border, which runs through the neck between two cells.

    Args:
        cell: (h, w) uint8, 0 and 1.
        nuclei: The nuclei of the smear.
        number: Whose cell it is.
    """
    if len(nuclei.groups) == 1:
        return cell
    markers = np.zeros(cell.shape, dtype=np.int32)
    for place, group in enumerate(nuclei.groups, start=1):
        markers[group] = place
    room = distances(nuclei.stained)
    owner = watershed(-room, markers, mask=nuclei.stained > 0)  # type: ignore[no-untyped-call]
    mine: Mask = np.isin(owner, (0, number + 1))
    return np.asarray(cell * mine, dtype=np.uint8)
