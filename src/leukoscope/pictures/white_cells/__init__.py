"""Where the white cells of a whole field lie: found by colour and by the red cells' size, without any training."""

from leukoscope.pictures.white_cells.backends import BACKENDS, Finder, finder
from leukoscope.pictures.white_cells.finding import find_white_cells
from leukoscope.pictures.white_cells.ruler import red_cell_diameter
from leukoscope.pictures.white_cells.white_cell import WhiteCell

__all__ = ["BACKENDS", "Finder", "WhiteCell", "find_white_cells", "finder", "red_cell_diameter"]
