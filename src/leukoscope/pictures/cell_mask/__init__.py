"""Where the cells of a picture lie, and where their nuclei: masks, found without any training."""

from leukoscope.pictures.cell_mask.finding import cell_mask, cell_masks
from leukoscope.pictures.cell_mask.mask import CellMask

__all__ = ["CellMask", "cell_mask", "cell_masks"]
