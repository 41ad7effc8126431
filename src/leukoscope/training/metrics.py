"""The validation part's metrics after each epoch, by name; without intervals, which come at the end."""

from __future__ import annotations

import numpy as np
import polars as pl

from leukoscope.cohort.classes import Classes
from leukoscope.errors import SettingsError, nearest
from leukoscope.evaluation.evaluate import point_scores
from leukoscope.evaluation.names import BINARY_ONLY, LOSSES, names_for
from leukoscope.predictions.table import Predictions, probability_column

LOSS = "loss"
SMALLEST_IS_BEST = frozenset({LOSS}) | LOSSES


def metric_names(classes: Classes) -> list[str]:
    """Return the names of the metrics that are computed for these classes, the loss first."""
    return [LOSS, *names_for(binary=classes.binary)]


def check_metric(name: str, classes: Classes) -> str:
    """Return the name if it is that of a metric for these classes.

    Raises:
        SettingsError: it is not, with the nearest right name.
    """
    known = metric_names(classes)
    if name in known:
        return name
    if name in BINARY_ONLY:
        what = f"The metric {name!r} is for two classes; there are {len(classes)}."
    else:
        what = f"There is no metric {name!r}."
    raise SettingsError(what, where="best_epoch.metric", do=nearest(name, known))


def cell_scores(labels: np.ndarray, probabilities: np.ndarray, classes: Classes) -> dict[str, float | None]:
    """Return each metric's value, as ``evaluation`` defines them, the loss aside.

    Args:
        labels: (n,) int64, places in ``classes``; n at least 1.
        probabilities: (n, k) float64, rows summing to 1.
        classes: The k classes.

    Returns:
        Name to value; None for one that is not defined (an area under a curve where there is one class only).

    Example:
        >>> found = cell_scores(np.array([0, 1]), np.array([[0.9, 0.1], [0.6, 0.4]]), Classes(("hem", "all")))
        >>> found["accuracy"], found["roc_auc"]
        (0.5, 1.0)
    """
    columns = {probability_column(name): probabilities[:, place] for place, name in enumerate(classes.names)}
    said = [classes.names[place] for place in labels]
    numbers = [str(number) for number in range(len(labels))]
    return point_scores(Predictions(pl.DataFrame({"id": numbers, "label": said, **columns}), classes))
