"""Patients as bags of stored cells."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from leukoscope.errors import DataError
from leukoscope.pictures.batches import CellData, Integers


@dataclass(frozen=True, eq=False)
class BagData:
    """Patients and their cells.

    Args:
        cells: The cells of all patients; those of a patient stand together, in the order of ``patients``. Their own
            labels are not looked at.
        sizes: (b,) int64, the cells of each patient, 1 or more.
        patients: The b patients' names, all different.
        labels: (b,) int64, the place of each patient's class; -1 where it is unknown.
        facts: (b, f) float32, the patients' facts, encoded; None where there are none.

    Raises:
        DataError: the lengths differ, or a patient has no cell.
    """

    cells: CellData
    sizes: Integers
    patients: list[str]
    labels: Integers
    facts: npt.NDArray[np.float32] | None = None

    def __post_init__(self) -> None:
        rows = {len(self.sizes), len(self.patients), len(self.labels)}
        rows |= set() if self.facts is None else {len(self.facts)}
        if len(rows) > 1 or int(self.sizes.sum()) != len(self.cells):
            raise DataError(
                "Each patient needs a size, a name, a label and facts, and the sizes must sum to the cells."
            )
        empty = np.flatnonzero(self.sizes < 1)
        if empty.size:
            raise DataError(
                "A patient has no cell.", where=f"patient {self.patients[int(empty[0])]}", more=empty.size - 1
            )

    def __len__(self) -> int:
        return len(self.patients)

    @property
    def starts(self) -> Integers:
        """The first cell of each patient, (b,) int64."""
        return np.cumsum(self.sizes) - self.sizes

    def cells_of(self, patient: int) -> Integers:
        """Return the places of a patient's cells in ``cells``, (size,) int64."""
        start = int(self.starts[patient])
        return np.arange(start, start + int(self.sizes[patient]), dtype=np.int64)

    def subset(self, index: Integers) -> BagData:
        """Return the patients at these places, in this order.

        Args:
            index: (m,) int64.
        """
        chosen = np.concatenate([self.cells_of(int(place)) for place in index]) if len(index) else index
        facts = None if self.facts is None else self.facts[index]
        names = [self.patients[place] for place in index]
        return BagData(self.cells.subset(chosen), self.sizes[index], names, self.labels[index], facts)
