"""``{noise: 0.02}``: noise."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

import numpy as np
import numpy.typing as npt
from pydantic import Field

from leukoscope.pictures.augmentation.change import Change
from leukoscope.pictures.augmentation.parameters import Parameters
from leukoscope.pictures.augmentation.uniform import random_bits


class Noise(Change):
    """Add normal noise to every pixel and channel, drawn for each cell apart.

    Args:
        sd: Standard deviation as a share of the full range, 0 to 1.
    """

    name: ClassVar[str] = "noise"
    sd: float = Field(gt=0, le=1, description="Standard deviation, as a share of the full range.")

    def drawn(self, parameters: Parameters, seeds: npt.NDArray[np.uint64]) -> Parameters:
        """Return the parameters with this change drawn for each cell."""
        count = len(parameters)
        return replace(parameters, noise=np.full(count, self.sd), noise_seed=random_bits(seeds, self.name, 1)[:, 0])
