"""Hand-crafted measures of a cell: what was measured of leucocytes before networks learnt to see, each with a name.

from leukoscope.pictures.handcrafted import MEASURES, measure_by_hand
"""

from leukoscope.pictures.handcrafted.intake import HANDCRAFTED
from leukoscope.pictures.handcrafted.measuring import (
    MEASURES,
    NAMES,
    VERSION,
    measure_all_by_hand,
    measure_by_hand,
    measure_masked,
)

__all__ = [
    "HANDCRAFTED",
    "MEASURES",
    "NAMES",
    "VERSION",
    "measure_all_by_hand",
    "measure_by_hand",
    "measure_masked",
]
