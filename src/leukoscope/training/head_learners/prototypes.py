"""Prototypes: the mean of each class."""

from __future__ import annotations

import numpy as np

from leukoscope.facts.folds import Ints
from leukoscope.facts.logistic import Floats
from leukoscope.models.fitted import PrototypeScores, filled


class PrototypeLearner:
    """Takes the mean of each class's cells, each of length 1; there is nothing to choose.

    Args:
        option: 0.
    """

    def __init__(self, option: int) -> None:
        assert option == 0, "there is one way only"

    @staticmethod
    def options() -> int:
        """Return 1: there is nothing to choose."""
        return 1

    def fit(self, seen: Floats, truth: Ints, weights: Floats, *, seed: int, quick: bool = False) -> PrototypeScores:
        """Learn from cells, as ``Learner.fit`` says; nothing is drawn, and there is no quicker way."""
        del seed, quick
        lengths = np.linalg.norm(seen, axis=1, keepdims=True)
        directions = seen / np.where(lengths > 0, lengths, 1)
        classes = np.unique(truth)
        means = [np.average(directions[truth == one], axis=0, weights=weights[truth == one]) for one in classes]
        scores = PrototypeScores(seen.shape[1], 1 if len(classes) == 2 else len(classes))  # noqa: PLR2004
        return filled(scores, {"prototypes": np.stack(means)})
