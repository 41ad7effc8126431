"""What every kind of random change is: a step that draws its share of a cell's parameters."""

from __future__ import annotations

from abc import abstractmethod

import numpy as np
import numpy.typing as npt

from leukoscope.pictures.augmentation.parameters import Floats, Parameters
from leukoscope.pictures.augmentation.uniform import uniform
from leukoscope.pictures.steps import Step


class Change(Step):
    """A random change with declared settings."""

    @abstractmethod
    def drawn(self, parameters: Parameters, seeds: npt.NDArray[np.uint64]) -> Parameters:
        """Return the parameters with this change drawn for each cell.

        Args:
            parameters: What was drawn before.
            seeds: (n,) uint64, one a cell.
        """

    def uniform(self, seeds: npt.NDArray[np.uint64], count: int) -> Floats:
        """Return this change's own numbers from 0 to below 1: (n, count)."""
        return uniform(seeds, self.name, count)

    def factors(self, seeds: npt.NDArray[np.uint64], count: int, most: float) -> Floats:
        """Return this change's own numbers from ``1 - most`` to ``1 + most``: (n, count)."""
        return 1.0 + most * (2.0 * self.uniform(seeds, count) - 1.0)
