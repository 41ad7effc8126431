"""``{translate: 0.2}``: a shift."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import numpy.typing as npt
from pydantic import Field

from leukoscope.pictures.augmentation.change import Change
from leukoscope.pictures.augmentation.parameters import Parameters


class Translate(Change):
    """Shift by amounts drawn evenly, to either side and up or down.

    Args:
        most: Largest shift in each direction, as a share of the shorter side, 0 to 1.
    """

    name: ClassVar[str] = "translate"
    most: float = Field(gt=0, le=1, description="Largest shift each way, as a share of the shorter side.")

    def drawn(self, parameters: Parameters, seeds: npt.NDArray[np.uint64]) -> Parameters:
        """Return the parameters with this change drawn for each cell."""
        shift = self.most * (2.0 * self.uniform(seeds, 2) - 1.0)
        return parameters.moved(np.tile(np.eye(2), (len(parameters), 1, 1)), shift)
