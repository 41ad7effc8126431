"""ROC AUC and average precision of one class against the rest, under any weights of the units."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from leukoscope.evaluation.unit_table import UnitTable
from leukoscope.evaluation.units import Floats, Ints

WINS_UP_TO = 500


@dataclass(frozen=True)
class Ranking:
    """Cells of one class ranked among the others, as counts by unit.

    The positive cells stand on levels (their distinct scores, from the highest down); a negative cell lies between
    two levels or on one. Both AUCs under any weights of the units are then cumulative sums over the levels.

    Args:
        positives: Positive cells on each level, by unit, (L, G).
        negatives: Negative cells above the first level, on it, below it and above the next, ..., by unit,
            (2 L + 1, G).
        wins: The win matrix, (G, G): how often a positive cell of the row's unit outranks a negative one of the
            column's, ties being half; None where there are too many units for it.
    """

    positives: UnitTable
    negatives: UnitTable
    wins: Floats | None

    @classmethod
    def of(cls, scores: Floats, positive: npt.NDArray[np.bool_], code: Ints, number: int) -> Ranking:
        """Rank cells.

        Args:
            scores: The class's probabilities, (n,).
            positive: Whether each cell is of the class, (n,).
            code: The unit of each cell, (n,).
            number: The number of units.
        """
        levels = np.unique(-scores[positive])
        above = np.searchsorted(levels, -scores[~positive], side="left")
        upto = np.searchsorted(levels, -scores[~positive], side="right")
        wins = win_matrix(scores, positive, code, number) if number <= WINS_UP_TO else None
        return cls(
            UnitTable.of(np.searchsorted(levels, -scores[positive]), code[positive], (len(levels), number)),
            UnitTable.of(above + upto, code[~positive], (2 * len(levels) + 1, number)),
            wins,
        )

    def scores(self, weights: Floats) -> dict[str, Floats]:
        """Return ``roc_auc`` and ``pr_auc`` (average precision), (b,) each, NaN where one side is empty.

        Args:
            weights: Weights of the units, (G, b).
        """
        positives, negatives = self.positives.under(weights), self.negatives.under(weights)
        count = len(positives)
        if not count or self.negatives.empty:
            return {"roc_auc": np.full(weights.shape[1], np.nan), "pr_auc": np.full(weights.shape[1], np.nan)}
        passed = np.cumsum(negatives, axis=0)
        found, upto = np.cumsum(positives, axis=0), passed[1 : 2 * count : 2]
        total, others = found[-1], passed[-1]
        with np.errstate(invalid="ignore", divide="ignore"):
            precision = np.where(positives > 0, found / (found + upto), 0.0)
            average = (positives * precision).sum(axis=0) / total
            if self.wins is not None:
                area = ((self.wins @ weights) * weights).sum(axis=0) / (total * others)
            else:
                outranked = others - (passed[0 : 2 * count : 2] + upto) / 2
                area = (positives * outranked).sum(axis=0) / (total * others)
        return {
            "roc_auc": np.clip(area, 0, 1),
            "pr_auc": np.where(others > 0, np.clip(average, 0, 1), np.nan),
        }


def win_matrix(scores: Floats, positive: npt.NDArray[np.bool_], code: Ints, number: int) -> Floats:
    """Return how often positive cells of one unit outrank negative cells of another.

    The ROC AUC under weights w of the units is w W w / ((w p)(w q)) with p and q the positive and negative cells by
    unit: bilinear in the weights, so that thousands of replicates are one matrix product.

    Args:
        scores: Scores of the cells, (n,).
        positive: Whether each cell is positive, (n,).
        code: The unit of each cell, (n,), 0 to ``number`` - 1.
        number: The number of units, G.

    Returns:
        (G, G) float64; the row is the positive cell's unit; ties count half.

    Example:
        >>> win_matrix(np.array([0.9, 0.4, 0.4]), np.array([True, True, False]), np.array([0, 1, 1]), 2)
        array([[0. , 1. ],
               [0. , 0.5]])
    """
    wins = np.zeros((number, number))
    for unit in np.unique(code[~positive]):
        others = np.sort(scores[~positive & (code == unit)])
        below = np.searchsorted(others, scores[positive], side="left")
        upto = np.searchsorted(others, scores[positive], side="right")
        wins[:, unit] = np.bincount(code[positive], weights=(below + upto) / 2, minlength=number)
    return wins
