"""A support vector machine with a Gaussian kernel."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from sklearn.svm import SVC

from leukoscope.facts.folds import Ints
from leukoscope.facts.logistic import Floats
from leukoscope.models.fitted import SvmScores, filled

PENALTIES = (0.3, 1.0, 3.0, 10.0)
"""What a cell on the wrong side costs; the lower, the smoother."""


class SvmLearner:
    """Learns support vectors; gamma is 1 / (inputs x their variance), as scikit-learn's ``scale``.

    Args:
        option: Place in ``PENALTIES``.
    """

    def __init__(self, option: int) -> None:
        self.penalty = PENALTIES[option]

    @staticmethod
    def options() -> int:
        """Return the number of penalties."""
        return len(PENALTIES)

    def fit(self, seen: Floats, truth: Ints, weights: Floats, *, seed: int, quick: bool = False) -> SvmScores:
        """Learn from cells, as ``Learner.fit`` says; nothing is drawn, and there is no quicker way."""
        del seed, quick
        found = SVC(C=self.penalty).fit(seen, truth, sample_weight=weights)
        classes = len(found.classes_)
        scores = SvmScores(seen.shape[1], 1 if classes == 2 else classes, len(found.support_))  # noqa: PLR2004
        weight = found.dual_coef_ if classes == 2 else _by_pair(found.dual_coef_, found.n_support_)  # noqa: PLR2004
        gamma = 1 / (seen.shape[1] * seen.var()) if seen.var() else 1.0
        values = {"support": found.support_vectors_, "weight": weight, "intercept": found.intercept_}
        return filled(scores, {**values, "gamma": np.array([gamma])})


def _by_pair(dual: Floats, counts: Ints) -> Floats:
    """Return one row a pair of classes, (pairs, v), of libsvm's table, (classes - 1, v).

    A support vector of class i has its weight against class j in row j - 1 where j > i, else in row j.
    """
    ends = np.cumsum(counts)
    own = [slice(end - count, end) for end, count in zip(ends, counts, strict=True)]
    pairs = list(combinations(range(len(counts)), 2))
    found = np.zeros((len(pairs), dual.shape[1]))
    for row, (first, second) in enumerate(pairs):
        found[row, own[first]] = dual[second - 1, own[first]]
        found[row, own[second]] = dual[first, own[second]]
    return found
