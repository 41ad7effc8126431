"""The probe's classifiers: none of them sees more than a few numbers a row."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier

from leukoscope.audit.shortcuts.encoding import Matrix, encoded
from leukoscope.cohort.classes import Classes

Codes = npt.NDArray[np.int64]
Scorer = Callable[[Matrix, Codes, Matrix, int], Matrix]
LEAVES = 6
FEWEST, SMALLEST_SHARE = 5, 0.04  # rows in a leaf


def rising(train: Matrix, truth: Codes, other: Matrix, classes: int) -> Matrix:
    """Logistic regression: of one number, the more the likelier (or the less); the direction is learnt from ``train``.

    Args:
        train: (m, d), standardised.
        truth: (m,), 0 to ``classes`` - 1.
        other: (n, d).
        classes: How many classes there are.

    Returns:
        Probabilities, (n, classes); classes weigh the same whatever their number of rows.
    """
    return _scored(LogisticRegression(max_iter=200, class_weight="balanced"), train, truth, other, classes)


def stepped(train: Matrix, truth: Codes, other: Matrix, classes: int) -> Matrix:
    """A tree of six leaves at most: finds a class in the middle, or at single values; arguments as in ``rising``."""
    leaf = max(FEWEST, round(SMALLEST_SHARE * len(train)))
    model = DecisionTreeClassifier(
        max_leaf_nodes=LEAVES, min_samples_leaf=leaf, class_weight="balanced", random_state=0
    )
    return _scored(model, train, truth, other, classes)


def together(train: Matrix, truth: Codes, other: Matrix, classes: int) -> Matrix:
    """The mean of logistic regression and shallow boosted trees, for several statistics; arguments as in ``rising``.

    Trees of depth 3, 60 rounds: Friedman (2001), Annals of Statistics 29:1189.
    """
    boosted = HistGradientBoostingClassifier(max_depth=3, max_iter=60, early_stopping=False, random_state=0)
    # Class weights would make its binning ten times slower; dividing by the shares of the classes does the same.
    shares = np.bincount(truth, minlength=classes) / len(truth)
    likely = _scored(boosted, train, truth, other, classes) / np.where(shares > 0, shares, 1)
    likely /= likely.sum(axis=1, keepdims=True)
    return np.asarray((rising(train, truth, other, classes) + likely) / 2)


WAYS: dict[str, Scorer] = {"rising": rising, "stepped": stepped}
"""How a single statistic is tried."""


def present(table: pl.DataFrame, classes: Classes) -> tuple[str, ...]:
    """Return the classes that have rows, in their order.

    Args:
        table: Column ``label``.
        classes: The cohort's classes.
    """
    found = set(table["label"].unique())
    return tuple(name for name in classes.names if name in found)


def class_codes(table: pl.DataFrame, names: tuple[str, ...]) -> Codes:
    """Return the place of each row's label among the names, (n,)."""
    places = {name: place for place, name in enumerate(names)}
    codes: Codes = table["label"].replace_strict(places, return_dtype=pl.Int64).to_numpy()
    return codes


def learnt(
    train: pl.DataFrame, other: pl.DataFrame, columns: tuple[str, ...], names: tuple[str, ...], scorer: Scorer
) -> Matrix:
    """Learn from one table and return the probabilities of another's rows, (n, k).

    Args:
        train: ``label`` and the columns; m rows.
        other: The columns; n rows.
        columns: What may be seen.
        names: The k classes.
        scorer: The classifier. Where ``train`` has one class alone nothing is learnt, and all are equally likely.
    """
    truth = class_codes(train, names)
    if len(np.unique(truth)) == 1:
        return np.full((other.height, len(names)), 1 / len(names))
    seen, asked = encoded(train, other, columns)
    return scorer(seen, truth, asked, len(names))


def _scored(model: Any, train: Matrix, truth: Codes, other: Matrix, classes: int) -> Matrix:  # noqa: ANN401 - sklearn's
    model.fit(train, truth)
    probabilities = np.zeros((len(other), classes))
    probabilities[:, model.classes_] = model.predict_proba(other)
    return probabilities
