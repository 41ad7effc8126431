"""What a network of cells sees: its layers' activations, class-activation maps, and whether one may believe them."""

from leukoscope.explanation.seeing.activation_sheet import write_activation_sheet
from leukoscope.explanation.seeing.activations import Activations, activations_of
from leukoscope.explanation.seeing.choosing import choose_cells
from leukoscope.explanation.seeing.layers import find_layer, last_maps, layer_names
from leukoscope.explanation.seeing.maps import ClassMaps, class_maps
from leukoscope.explanation.seeing.masks import CellMask, cell_mask, framed_mask
from leukoscope.explanation.seeing.methods import METHODS
from leukoscope.explanation.seeing.on_cell import OnCell, share_on_cell
from leukoscope.explanation.seeing.sanity import Sanity, sanity_check

__all__ = [
    "METHODS",
    "Activations",
    "CellMask",
    "ClassMaps",
    "OnCell",
    "Sanity",
    "activations_of",
    "cell_mask",
    "choose_cells",
    "class_maps",
    "find_layer",
    "framed_mask",
    "last_maps",
    "layer_names",
    "sanity_check",
    "share_on_cell",
    "write_activation_sheet",
]
