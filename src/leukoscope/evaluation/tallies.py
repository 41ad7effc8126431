"""What each unit adds to each score, so that a replicate is a product of sparse tables and weights."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from leukoscope.cohort.classes import Classes
from leukoscope.evaluation.calibration import BINS, bins_of, confidence, losses
from leukoscope.evaluation.counts import counted_scores
from leukoscope.evaluation.names import PROBABILISTIC, RANKED, Key, names_for, names_of_a_class
from leukoscope.evaluation.ranking import Ranking
from leukoscope.evaluation.unit_table import UnitTable
from leukoscope.evaluation.units import Floats, Ints, Units


@dataclass(frozen=True, eq=False)
class Material:
    """What scores are made of: n rows (cells, or patients) with their true class.

    Args:
        truth: The true classes, (n,), places in ``classes``.
        called: The classes that were called, (n,).
        probabilities: (n, k) float64; None where only classes were called.
        classes: The k classes.
        units: What is resampled together.
    """

    truth: Ints
    called: Ints
    probabilities: Floats | None
    classes: Classes
    units: Units

    @property
    def positive(self) -> int | None:
        """The place of the positive class, for two classes."""
        return None if self.classes.positive is None else self.classes.index(self.classes.positive)

    @cached_property
    def holders(self) -> Ints:
        """How many units hold rows of each class, (k,)."""
        return np.asarray(self.holding.sum(axis=1))

    @cached_property
    def others(self) -> Ints:
        """How many units hold rows of another class than each, (k,)."""
        return np.asarray((self._rows_by_unit.sum(axis=0) - self._rows_by_unit > 0).sum(axis=1))

    @cached_property
    def holding(self) -> npt.NDArray[np.bool_]:
        """Whether each unit holds rows of each class, (k, G)."""
        return np.asarray(self._rows_by_unit > 0)

    @cached_property
    def support(self) -> Ints:
        """The rows of each class, (k,)."""
        return np.bincount(self.truth, minlength=len(self.classes))

    @cached_property
    def _rows_by_unit(self) -> Ints:
        counts = np.zeros((len(self.classes), self.units.number), dtype=np.int64)
        np.add.at(counts, (self.truth, self.units.code), 1)
        return counts


class Tallies:
    """The scores of some material under any weights of its units.

    Weights of one give the scores themselves, so that a score and its replicates come from the same code.

    Args:
        material: What to score.
    """

    def __init__(self, material: Material) -> None:
        self.material = material
        count, code = len(material.classes), material.units.code
        shape = (count * count, material.units.number)
        pairs = material.truth * count + material.called
        self._confusion = UnitTable.of(pairs, code, shape)
        self._losses = None if material.probabilities is None else self._loss_table(material.probabilities)
        self._rankings = {} if material.probabilities is None else self._rank(material.probabilities)

    def confusion(self) -> Ints:
        """Return the confusion matrix, (k, k): true class, called class."""
        count = len(self.material.classes)
        flat = self._confusion.under(np.ones((self.material.units.number, 1)))
        return flat.reshape(count, count).astype(np.int64)

    def scores(self, weights: Floats) -> dict[Key, Floats]:
        """Return every score, (b,) each; NaN where one is not defined.

        Args:
            weights: Weights of the units, (G, b), C-contiguous.
        """
        classes = self.material.classes
        count = len(classes)
        confusion = self._confusion.under(weights).reshape(count, count, -1)
        found = counted_scores(confusion, classes.names, classes.positive)
        found |= self._ranked(weights) | self._probabilistic(weights, confusion.sum(axis=(0, 1)))
        order = [(None, name) for name in names_for(binary=classes.binary)]
        of_a_class = names_of_a_class(binary=classes.binary)
        return {key: found[key] for key in [*order, *((name, score) for name in classes.names for score in of_a_class)]}

    def gaps(self, weights: Floats) -> Floats:
        """Return the signed gap between claim and share in each bin, as a part of all rows, (bins, b)."""
        assert self._losses is not None
        return np.asarray(self._losses.under(weights)[2:] / self._confusion.under(weights).sum(axis=0))

    def wins(self) -> Floats | None:
        """Return the win matrix of the positive class, (G, G); None where there is none (see ``Ranking``)."""
        ranking = self._rankings.get(str(self.material.classes.positive))
        return None if ranking is None else ranking.wins

    def _ranked(self, weights: Floats) -> dict[Key, Floats]:
        classes, nothing = self.material.classes, np.full(weights.shape[1], np.nan)
        if not self._rankings:
            return {(name, score): nothing for name in [None, *classes.names] for score in RANKED}
        found: dict[Key, Floats] = {}
        for name, ranking in self._rankings.items():
            found |= {(name, score): values for score, values in ranking.scores(weights).items()}
        present = [name for name, support in zip(classes.names, self.material.support, strict=True) if support]
        averaged = [classes.positive] if classes.positive is not None else present
        for score in RANKED:
            found[None, score] = np.mean([found[name, score] for name in averaged], axis=0)
        return found

    def _probabilistic(self, weights: Floats, total: Floats) -> dict[Key, Floats]:
        if self._losses is None:
            return {(None, score): np.full(len(total), np.nan) for score in PROBABILISTIC}
        sums = self._losses.under(weights)
        return {
            (None, "brier"): sums[0] / total,
            (None, "log_loss"): sums[1] / total,
            (None, "ece"): np.abs(sums[2:]).sum(axis=0) / total,
        }

    def _loss_table(self, probabilities: Floats) -> UnitTable:
        material, rows = self.material, len(self.material.truth)
        squares, logs = losses(probabilities, material.truth)
        claimed, held = confidence(probabilities, material.truth, material.positive)
        values = np.concatenate([squares, logs, claimed - held])
        kinds = np.concatenate([np.zeros(rows, np.int64), np.ones(rows, np.int64), 2 + bins_of(claimed)])
        shape = (2 + BINS, material.units.number)
        return UnitTable.of(kinds, np.tile(material.units.code, 3), shape, values)

    def _rank(self, probabilities: Floats) -> dict[str, Ranking]:
        material = self.material
        code, number = material.units.code, material.units.number
        return {
            name: Ranking.of(probabilities[:, index], material.truth == index, code, number)
            for index, name in enumerate(material.classes.names)
        }
