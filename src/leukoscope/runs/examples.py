"""Example predictions: of each class a cell that was called right and one that was called wrong, with three guesses."""

from __future__ import annotations

import numpy as np
import polars as pl

from leukoscope.evaluation import called
from leukoscope.predictions.table import Predictions

GUESSES = 3


def example_cells(predictions: Predictions) -> pl.DataFrame:
    """Choose typical cells of each class, one called right and one called wrong, as far as there are such.

    Typical is the one whose probability of the called class is the median of those that it stands for (of two in the
    middle the lower one; of equals the first id), so that neither the best nor the worst is shown.

    Args:
        predictions: Labelled predictions of more than two classes, with probabilities.

    Returns:
        Columns ``id``, ``label``, ``called``, and of the three most probable classes ``guess_1``, ``probability_1``
        and so on; by class, the right one first.
    """
    classes = predictions.classes
    values = predictions.probabilities()
    order = np.argsort(-values, axis=1, kind="stable")[:, :GUESSES]
    guesses = {
        key: value
        for place in range(order.shape[1])
        for key, value in (
            (f"guess_{place + 1}", [classes.names[each] for each in order[:, place]]),
            (f"probability_{place + 1}", values[np.arange(len(values)), order[:, place]]),
        )
    }
    table = predictions.table.select("id", "label", called(predictions).alias("called"))
    table = table.with_columns(**{name: pl.Series(found) for name, found in guesses.items()})
    chosen = []
    for name in classes.names:
        own = table.filter(label=name)
        for those in (own.filter(called=name), own.filter(pl.col("called") != name)):
            sure = those.sort("probability_1", "id")
            chosen.append(sure.slice((sure.height - 1) // 2, 1) if sure.height else sure)
    return pl.concat(chosen)
