"""Weighted F1 of many weightings of the same models at once.

Rows that all models call alike are called so under every weighting, and are counted once; the others are looked at in
blocks, so that memory does not grow with their number.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from leukoscope.ensembles.rows import Floats, Ints, Rows
from leukoscope.ensembles.weighted import mixed
from leukoscope.evaluation.calling import EVEN

LARGEST = 2**17
"""Numbers in one block: 1 MiB, which stays in the processor's cache."""
CLEAR = 1e-9
"""A row is only called alike by all where each is further than this from a call of something else."""


@dataclass(frozen=True, eq=False)
class Fitness:
    """The weighted F1 of weightings: the F1 of each class, averaged with its number of rows as weight.

    Two classes are called at 0.5, more by the largest probability (of equals the first), as
    ``leukoscope.evaluation.called`` does. A class without rows weighs nothing.

    Args:
        settled: (k, k) int64: of each true class (row), the rows that all models call as each class (column).
        contested: For each true class what the m models say of its other rows: (m, n) of the positive class for two
            classes, (m, n, k) for more.
        positive: The place of the positive class; None for more than two.

    Example:
        >>> from leukoscope.cohort.classes import Classes
        >>> said = np.array([[[0.9, 0.1], [0.7, 0.3]], [[0.8, 0.2], [0.1, 0.9]]])
        >>> rows = Rows(("a", "b"), Classes(("hem", "all")), said, np.array([0, 1]))
        >>> Fitness.of(rows)(np.array([[1.0, 0.0], [0.5, 0.5]])).round(3)
        array([0.333, 1.   ])
    """

    settled: Ints
    contested: tuple[Floats, ...]
    positive: int | None

    @classmethod
    def of(cls, rows: Rows) -> Fitness:
        """Sort the rows into those that all models call alike and the others."""
        number, alike = len(rows.classes), _called_alike(rows)
        settled = np.zeros((number, number), np.int64)
        known = alike >= 0
        np.add.at(settled, (rows.truth[known], alike[known]), 1)
        said = rows.probabilities if rows.positive is None else rows.probabilities[:, :, rows.positive]
        contested = tuple(np.ascontiguousarray(said[:, ~known & (rows.truth == one)]) for one in range(number))
        return cls(settled, contested, rows.positive)

    def __call__(self, weights: Floats) -> Floats:
        """Return the weighted F1 of each weighting.

        Args:
            weights: (b, m), 0 or more; each row sums to 1.

        Returns:
            (b,) float64, 0 to 1.
        """
        confusion = self.settled + np.stack([self._calls(weights, said) for said in self.contested], axis=1)
        right = np.einsum("bii->bi", confusion)
        support, called = confusion.sum(axis=2), confusion.sum(axis=1)
        f1 = 2 * right / np.maximum(support + called, 1)
        return np.asarray((f1 * support).sum(axis=1) / support.sum(axis=1))

    def _calls(self, weights: Floats, said: Floats) -> Ints:
        """Return how many rows are called as each class, (b, k)."""
        found = np.zeros((len(weights), len(self.contested)), np.int64)
        for block in _blocks(said, len(weights)):
            common = mixed(weights, block)
            if self.positive is None:
                called = common.argmax(axis=2)
                for one in range(len(self.contested)):
                    found[:, one] += np.count_nonzero(called == one, axis=1)
            else:
                found[:, self.positive] += np.count_nonzero(common >= EVEN, axis=1)
                found[:, 1 - self.positive] += np.count_nonzero(common < EVEN, axis=1)
        return found


def log_losses(rows: Rows, weights: Floats) -> Floats:
    """Return the mean log-loss of each weighting.

    Args:
        rows: The rows.
        weights: (b, m), each row sums to 1.

    Returns:
        (b,) float64; probabilities below 1e-15 count as that.
    """
    own = rows.probabilities[:, np.arange(len(rows.truth)), rows.truth]
    total = np.zeros(len(weights))
    for block in _blocks(own, len(weights)):
        total -= np.log(np.maximum(mixed(weights, block), 1e-15)).sum(axis=1)
    return total / len(rows.truth)


def _blocks(said: Floats, weightings: int) -> Iterator[Floats]:
    width = max(1, LARGEST // (weightings * int(np.prod(said.shape[2:], dtype=np.int64))))
    for start in range(0, said.shape[1], width):
        yield said[:, start : start + width]


def _called_alike(rows: Rows) -> Ints:
    """Return the class that all models clearly call a row, (n,), -1 where they do not."""
    if rows.positive is not None:
        chance = rows.probabilities[:, :, rows.positive]
        above = np.all(chance > EVEN + CLEAR, axis=0)
        below = np.all(chance < EVEN - CLEAR, axis=0)
        return np.where(above, rows.positive, np.where(below, 1 - rows.positive, -1)).astype(np.int64)
    called = rows.probabilities.argmax(axis=2)
    highest = np.partition(rows.probabilities, -2, axis=2)
    clear = (highest[:, :, -1] - highest[:, :, -2] > CLEAR).all(axis=0)
    return np.where(clear & (called == called[0]).all(axis=0), called[0], -1).astype(np.int64)
