"""What each unit adds to each of many sums: sparse, so that units may be 17,000 single cells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from leukoscope.evaluation.units import Floats, Ints


@dataclass(frozen=True, eq=False)
class UnitTable:
    """Sums by unit.

    Args:
        table: (sums, G), a scipy sparse array.

    Example:
        >>> table = UnitTable.of(np.array([0, 1, 1]), np.array([0, 0, 1]), (2, 2))
        >>> table.under(np.array([[1.0], [3.0]])).ravel().tolist()
        [1.0, 4.0]
    """

    table: Any

    @classmethod
    def of(cls, sums: Ints, code: Ints, shape: tuple[int, int], values: Floats | None = None) -> UnitTable:
        """Add up n rows.

        Args:
            sums: The sum that each row goes to, (n,).
            code: The unit that it comes from, (n,).
            shape: Number of sums and of units.
            values: What it adds, (n,); 1 where not given.
        """
        return cls(sparse.csr_array((np.ones(len(sums)) if values is None else values, (sums, code)), shape=shape))

    def under(self, weights: Floats) -> Floats:
        """Return the sums under weights of the units, (G, b) to (sums, b)."""
        return np.asarray(self.table @ weights)

    @property
    def empty(self) -> bool:
        """Whether nothing was added at all."""
        return int(self.table.nnz) == 0
