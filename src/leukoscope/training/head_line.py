"""The line behind a fitted head's scores: one slope for all of them and an intercept each, too few to flatter."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import logsumexp

from leukoscope.facts.folds import Ints
from leukoscope.facts.logistic import Floats

FLATTEST = 0.01
"""The least that one deviation of the scores moves a logit: where scores tell nothing, chance is not read backwards."""
TOLERANCE = 1e-12


@dataclass(frozen=True, eq=False)
class HeadLine:
    """From scores to logits.

    Args:
        slope: Above 0.
        intercepts: (outputs,) float64; of more than two classes they sum to 0.
    """

    slope: float
    intercepts: Floats

    def logits(self, scores: Floats) -> Floats:
        """Return logits, (n, outputs) float64, of (n, outputs) scores: 1 output for two classes, else one a class."""
        return self.slope * scores + self.intercepts


def fit_line(scores: Floats, truth: Ints, weights: Floats) -> HeadLine:
    """Make logits of scores, by the least log-loss, so that probabilities can be read off them.

    As Platt (1999, Advances in Large Margin Classifiers, 61): a slope, an intercept, and his smoothed targets in place
    of 1 and 0, so that classes told apart without fault do not become certainties. Unlike him the scores may be of any
    head, each cell has its weight, the slope stays above 0, and of k classes each has an intercept while the slope is
    common to all, as in bias-corrected temperature scaling (Alexandari et al. 2020, ICML). k + 1 numbers say little of
    the cells that they were fitted to, unlike a full matrix on every pair of classes.

    Args:
        scores: (n, outputs) float64, of cells that the scores were not fitted to: 1 output for two classes, the higher
            the likelier class 1, else one a class.
        truth: (n,) int64, from 0; each class is there.
        weights: (n,), what each cell weighs.
    """
    outputs = scores.shape[1]
    spread = float(scores.std()) or 1.0
    wanted = _smoothed(truth, max(outputs, 2))

    def loss(line: Floats) -> tuple[float, Floats]:
        logs = _log_shares(line[0] * scores / spread + line[1:])
        moved = weights[:, None] * (np.exp(logs) - wanted)[:, -outputs:] / weights.sum()
        slope = np.sum(moved * scores) / spread
        return _mean_loss(logs, wanted, weights), np.concatenate([[slope], moved.sum(axis=0)])

    found = minimize(
        loss,
        np.concatenate([[1.0], np.zeros(outputs)]),
        jac=True,
        method="L-BFGS-B",
        bounds=[(FLATTEST, None), *([(None, None)] * outputs)],
        options={"ftol": TOLERANCE, "gtol": 1e-8, "maxiter": 1000},
    )
    return HeadLine(float(found.x[0]) / spread, np.asarray(found.x[1:]))


def log_loss_of(logits: Floats, truth: Ints, weights: Floats) -> float:
    """Return the mean log-loss of logits, (n, outputs), each cell with its weight."""
    wanted = np.eye(max(logits.shape[1], 2))[truth]
    return _mean_loss(_log_shares(logits), wanted, weights)


def _log_shares(logits: Floats) -> Floats:
    """Return the logarithm of each class's probability, (n, classes); a single logit is that of the second of two."""
    both = np.concatenate([np.zeros_like(logits), logits], axis=1) if logits.shape[1] == 1 else logits
    return np.asarray(both - logsumexp(both, axis=1, keepdims=True))


def _mean_loss(logs: Floats, wanted: Floats, weights: Floats) -> float:
    return float(-np.sum(weights[:, None] * wanted * logs) / weights.sum())


def _smoothed(truth: Ints, classes: int) -> Floats:
    """Return Platt's targets, (n, classes), of n_c cells of a class: (n_c + 1) / (n_c + k), else 1 / (n_c + k)."""
    number = np.bincount(truth, minlength=classes)[truth][:, None]
    return np.asarray((np.eye(classes)[truth] * number + 1) / (number + classes))
