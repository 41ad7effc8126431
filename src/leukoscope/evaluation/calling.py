"""From probabilities to called classes."""

from __future__ import annotations

import numpy as np
import polars as pl

from leukoscope.cohort.classes import Classes
from leukoscope.errors import SettingsError
from leukoscope.evaluation.units import Floats, Ints
from leukoscope.predictions.table import Predictions

EVEN = 0.5


def called(predictions: Predictions, threshold: float | None = None) -> pl.Series:
    """Return the class that each row was called.

    With a threshold, the positive class where its probability reaches it. Without one, the predictions' own ``called``
    where they have it; else the positive class from 0.5 on, or, of more than two classes, the most probable (of equals
    the first).

    Args:
        predictions: n rows.
        threshold: 0 to 1; only for two classes with probabilities.

    Returns:
        Class names, (n,), named ``called``.

    Raises:
        SettingsError: a threshold for called classes only, for more than two classes, or outside 0 to 1.

    Example:
        >>> table = pl.DataFrame({"id": ["a", "b"], "p_hem": [0.4, 0.7], "p_all": [0.6, 0.3]})
        >>> called(Predictions(table, Classes(("hem", "all"))), 0.25).to_list()
        ['all', 'all']
    """
    check_threshold(predictions, threshold)
    own = predictions.table["called"]
    if not predictions.has_probabilities:
        return own
    decided = decide(predictions.probabilities(), predictions.classes, threshold)
    names = pl.Series("called", [predictions.classes.names[place] for place in decided], dtype=pl.String)
    return names if threshold is not None else own.fill_null(names)


def check_threshold(predictions: Predictions, threshold: float | None) -> None:
    """Refuse a threshold that the predictions cannot be cut at.

    Raises:
        SettingsError: see ``called``.
    """
    if threshold is None:
        return
    if not 0 <= threshold <= 1:
        raise SettingsError(f"A threshold must be a number from 0 to 1; got {threshold:g}.")
    if not predictions.classes.binary:
        raise SettingsError("A threshold needs two classes.", do="Leave it out: the most probable class is called.")
    if not predictions.has_probabilities:
        raise SettingsError(
            "A threshold needs probabilities; these predictions hold called classes only.", do="Leave it out."
        )


def decide(probabilities: Floats, classes: Classes, threshold: float | None) -> Ints:
    """Return the place of the class that each row of probabilities calls, (n,).

    Args:
        probabilities: (n, k), 0 to 1.
        classes: The k classes.
        threshold: For two classes; 0.5 where None.
    """
    if classes.positive is None:
        return np.asarray(probabilities.argmax(axis=1), dtype=np.int64)
    positive = classes.index(classes.positive)
    reached = probabilities[:, positive] >= (EVEN if threshold is None else threshold)
    return np.where(reached, positive, 1 - positive).astype(np.int64)


def places(names: pl.Series, classes: Classes) -> Ints:
    """Return the place of each class name, (n,), -1 for null.

    Example:
        >>> places(pl.Series(["all", None, "hem"]), Classes(("hem", "all"))).tolist()
        [1, -1, 0]
    """
    order = {name: place for place, name in enumerate(classes.names)}
    return np.array([-1 if name is None else order[name] for name in names], dtype=np.int64)
