"""``{rotate: 360}``: rotation about the centre."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import numpy.typing as npt
from pydantic import Field

from leukoscope.pictures.augmentation.change import Change
from leukoscope.pictures.augmentation.parameters import Parameters, rotation


class Rotate(Change):
    """Rotate by an angle drawn evenly from a range about 0.

    Args:
        degrees: Width of the range: 360 is the full turn, 30 is from -15 to 15.
    """

    name: ClassVar[str] = "rotate"
    degrees: float = Field(gt=0, le=360, description="Width of the range of angles in degrees; 360 is every angle.")

    def drawn(self, parameters: Parameters, seeds: npt.NDArray[np.uint64]) -> Parameters:
        """Return the parameters with this change drawn for each cell."""
        angles = self.degrees * (self.uniform(seeds, 1)[:, 0] - 0.5)
        return parameters.moved(rotation(angles))
