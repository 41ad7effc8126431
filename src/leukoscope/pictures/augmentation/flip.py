"""``{flip: 0.5}``: mirror images."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import numpy.typing as npt
from pydantic import Field

from leukoscope.pictures.augmentation.change import Change
from leukoscope.pictures.augmentation.parameters import Parameters


class Flip(Change):
    """Mirror left and right, and independently top and bottom.

    Args:
        probability: Of each of the two, 0 to 1.
    """

    name: ClassVar[str] = "flip"
    probability: float = Field(ge=0, le=1, description="Probability of each of the two mirrorings.")

    def drawn(self, parameters: Parameters, seeds: npt.NDArray[np.uint64]) -> Parameters:
        """Return the parameters with this change drawn for each cell."""
        signs = np.where(self.uniform(seeds, 2) < self.probability, -1.0, 1.0)
        return parameters.moved(signs[:, :, None] * np.eye(2))
