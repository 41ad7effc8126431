"""What all learners of a head have in common."""

from __future__ import annotations

from typing import Protocol

from leukoscope.facts.folds import Ints
from leukoscope.facts.logistic import Floats
from leukoscope.models.fitted import Scores


class Learner(Protocol):
    """One way of learning scores, with one of its few settings; scikit-learn does the work."""

    def __init__(self, option: int) -> None:
        """Take one of the settings, by its place."""

    @staticmethod
    def options() -> int:
        """Return how many settings there are to choose from, the plainest first."""

    def fit(self, seen: Floats, truth: Ints, weights: Floats, *, seed: int, quick: bool = False) -> Scores:
        """Learn from cells.

        Args:
            seen: (n, w) float64, z: what ``HeadInputs`` makes of their features.
            truth: (n,) int64, their classes from 0; each class is there.
            weights: (n,), what each cell weighs, their mean about 1.
            seed: Of whatever is drawn, 0 to 2**32 - 1.
            quick: To compare settings only: less work, where that tells them apart as well.

        Returns:
            What gives scores, in evaluation mode on the processor.
        """
