"""What a rule is fitted on: several models' probabilities of the same rows, and the truth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from leukoscope.cohort.classes import Classes
from leukoscope.errors import DataError, counted

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Rows:
    """What m models say of n rows of the validation part.

    Args:
        members: The models' m names.
        classes: The k classes, in the order of the probabilities.
        probabilities: (m, n, k) float64, 0 to 1; the last axis sums to 1.
        truth: (n,) int64, the place of each row's class among the classes.
        groups: (n,) names of what belongs together: the linked group, or the patient; None where that is not known.

    Raises:
        DataError: the shapes do not fit each other, there is no row, or a probability is no number from 0 to 1.
    """

    members: tuple[str, ...]
    classes: Classes
    probabilities: Floats
    truth: Ints
    groups: Sequence[str] | None = None

    def __post_init__(self) -> None:
        rows = len(self.truth)
        known = rows if self.groups is None else len(self.groups)
        if self.probabilities.shape != (len(self.members), rows, len(self.classes)) or known != rows:
            raise DataError(
                f"{counted(len(self.members), 'model')}, {counted(rows, 'row')} and "
                f"{counted(len(self.classes), 'class', 'classes')} do not fit probabilities of shape "
                f"{self.probabilities.shape} and {counted(known, 'group')}."
            )
        if not rows:
            raise DataError("There is no row with a label, so no rule can be fitted.")
        if not ((self.probabilities >= 0) & (self.probabilities <= 1)).all():
            raise DataError("A model gives a probability that is no number from 0 to 1.")

    def take(self, chosen: npt.NDArray[np.bool_]) -> Rows:
        """Return some of the rows.

        Args:
            chosen: (n,) bool.
        """
        groups = None if self.groups is None else [self.groups[place] for place in np.flatnonzero(chosen).tolist()]
        return Rows(self.members, self.classes, self.probabilities[:, chosen], self.truth[chosen], groups)

    @property
    def positive(self) -> int | None:
        """The place of the positive class; None for more than two."""
        return None if self.classes.positive is None else self.classes.index(self.classes.positive)
