"""``{contrast: 0.2}``: flatter and steeper."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

import numpy as np
import numpy.typing as npt
from pydantic import Field

from leukoscope.pictures.augmentation.change import Change
from leukoscope.pictures.augmentation.parameters import Parameters


class Contrast(Change):
    """Multiply the distance to the picture's mean, over pixels and channels, by a factor.

    Args:
        most: The factor is drawn evenly from 1 - most to 1 + most; 0 to 1.
    """

    name: ClassVar[str] = "contrast"
    most: float = Field(gt=0, le=1, description="The factor lies within 1 - most and 1 + most.")

    def drawn(self, parameters: Parameters, seeds: npt.NDArray[np.uint64]) -> Parameters:
        """Return the parameters with this change drawn for each cell."""
        return replace(parameters, contrast=parameters.contrast * self.factors(seeds, 1, self.most)[:, 0])
