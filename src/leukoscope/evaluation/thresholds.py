"""The operating threshold, chosen on validation."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from leukoscope.errors import DataError, SettingsError, nearest
from leukoscope.evaluation.calling import EVEN, places
from leukoscope.evaluation.counts import counted_scores
from leukoscope.evaluation.names import COUNTED
from leukoscope.evaluation.units import Floats
from leukoscope.predictions.table import Predictions

CLOSE = 1e-12


@dataclass(frozen=True)
class Threshold:
    """An operating threshold and how it came about.

    Args:
        value: The probability of the positive class from which a cell (or patient) is called positive, 0 to 1.
        rule: How it was chosen, in words.
        achieved: What the rule reached on the rows that it was chosen on: the largest value of the score, or the
            sensitivity.
    """

    value: float
    rule: str
    achieved: float

    def as_json(self) -> dict[str, Any]:
        """Return the threshold as plain JSON values."""
        return asdict(self)


def choose_threshold(
    predictions: Predictions, *, maximize: str = "balanced_accuracy", sensitivity: float | None = None
) -> Threshold:
    """Choose the operating threshold of two classes.

    Candidates lie half-way between neighbouring distinct probabilities, and half-way from the smallest to 0 and from
    the largest to 1. Of those that are equally good, the one nearest to 0.5 is taken; of two equally near, the
    smaller.

    Args:
        predictions: Labelled predictions of the validation part, with probabilities; never of the test part.
        maximize: The score to make largest, one that needs calls only: ``balanced_accuracy``, ``weighted_f1``, ...
        sensitivity: Instead: take the largest threshold whose sensitivity is at least this, 0 to 1.

    Raises:
        SettingsError: more than two classes, an unknown score, a sensitivity outside 0 to 1.
        DataError: no probabilities, or a class without any labelled row.

    Example:
        >>> import polars as pl
        >>> from leukoscope.cohort.classes import Classes
        >>> rows = {"id": ["a", "b", "c"], "label": ["hem", "hem", "all"]}
        >>> rows |= {"p_hem": [0.9, 0.8, 0.4], "p_all": [0.1, 0.2, 0.6]}
        >>> choose_threshold(Predictions(pl.DataFrame(rows), Classes(("hem", "all")))).value
        0.4
    """
    _check(predictions, maximize, sensitivity)
    scores, truth = _scores_and_truth(predictions)
    candidates = _candidates(scores)
    found = _scores_at(candidates, scores, truth)
    if sensitivity is not None:
        best = int(np.flatnonzero(found["sensitivity"] >= sensitivity - CLOSE)[-1])
        rule = f"the largest threshold with a sensitivity of at least {sensitivity:g}"
        return Threshold(float(candidates[best]), rule, float(found["sensitivity"][best]))
    values = np.nan_to_num(found[maximize], nan=-np.inf)
    equal = np.flatnonzero(values >= values.max() - CLOSE)
    distance = np.abs(candidates[equal] - EVEN)
    best = int(equal[np.flatnonzero(distance <= distance.min() + CLOSE)[0]])
    return Threshold(float(candidates[best]), f"the largest {maximize.replace('_', ' ')}", float(values[best]))


def _check(predictions: Predictions, maximize: str, sensitivity: float | None) -> None:
    if not predictions.classes.binary:
        raise SettingsError("A threshold needs two classes.", do="Leave it out: the most probable class is called.")
    if maximize not in COUNTED:
        raise SettingsError(f"A threshold cannot be chosen by {maximize!r}.", do=nearest(maximize, COUNTED))
    if sensitivity is not None and not 0 < sensitivity <= 1:
        raise SettingsError(f"A sensitivity must be a number from 0 to 1; got {sensitivity:g}.")
    if not predictions.has_probabilities:
        raise DataError("A threshold can only be chosen with probabilities; these predictions hold called classes.")


def _scores_and_truth(predictions: Predictions) -> tuple[Floats, Floats]:
    classes, label = predictions.classes, places(predictions.table["label"], predictions.classes)
    positive = classes.index(str(classes.positive))
    for place, name in enumerate(classes.names):
        if not (label == place).any():
            raise DataError(
                f"A threshold cannot be chosen: no {predictions.unit} here is labelled {name!r}.",
                do="Take a larger validation part, or one with both classes.",
            )
    known = label >= 0
    return predictions.probabilities()[known, positive], (label[known] == positive).astype(np.float64)


def _candidates(scores: Floats) -> Floats:
    edges = np.unique(np.concatenate([[0.0], scores, [1.0]]))
    middles = (edges[:-1] + edges[1:]) / 2
    # Half-way between two floats that are neighbours may be the lower one, which would call its row positive.
    return np.where(middles > edges[:-1], middles, edges[1:])


def _scores_at(candidates: Floats, scores: Floats, truth: Floats) -> dict[str, Floats]:
    order = np.argsort(scores, kind="stable")
    below = np.searchsorted(scores[order], candidates, side="left")
    missed = np.concatenate([[0.0], np.cumsum(truth[order])])[below]
    spared = below - missed
    positives, negatives = truth.sum(), len(truth) - truth.sum()
    confusion = np.array([[spared, negatives - spared], [missed, positives - missed]])
    found = counted_scores(confusion, ("negative", "positive"), "positive")
    return {score: values for (name, score), values in found.items() if name is None}
