"""Which cells are worth looking at: the surest right, the surest wrong, the most doubtful."""

from __future__ import annotations

import numpy as np
import polars as pl

from leukoscope.errors import DataError, SettingsError
from leukoscope.evaluation.calling import called
from leukoscope.predictions.table import Predictions

RULE = (
    "In turn the most doubtful cell, and of each class the cell that was most surely called rightly and the one that "
    "was most surely called wrongly, until the number is reached; equals by their name."
)
RIGHT, WRONG, DOUBTFUL = "surest right", "surest wrong", "most doubtful"


def choose_cells(predictions: Predictions, number: int, *, threshold: float | None = None) -> pl.DataFrame:
    """Choose cells by a rule that anyone can repeat (``RULE``).

    How sure a call is: the called class's probability. How doubtful: for two classes how near the positive class's
    probability lies to the threshold, for more how little the two most probable differ.

    Args:
        predictions: Cells with probabilities and labels.
        number: How many, 1 or more; fewer where there are not so many.
        threshold: The operating threshold; 0.5 where None.

    Returns:
        ``id``, ``why`` (``surest right``, ``surest wrong``, ``most doubtful``), ``label``, ``called``: the right ones
        first, then the wrong, then the doubtful.

    Raises:
        SettingsError: a number below 1.
        DataError: no cell has a probability and a label.
    """
    if number < 1:
        raise SettingsError(f"At least 1 cell must be looked at; got {number}.", where="number")
    if not predictions.has_probabilities or predictions.table["label"].null_count() == predictions.table.height:
        raise DataError("No cell has both a probability and a label.", do="Name the cells to look at (--cells).")
    rows = _rows(predictions, threshold)
    queues = _queues(rows, list(predictions.classes.names))
    chosen: dict[str, str] = {}
    for place in range(rows.height):
        for why, ids in queues:
            if place < len(ids) and len(chosen) < number:
                chosen.setdefault(ids[place], why)
    order = pl.Enum([RIGHT, WRONG, DOUBTFUL])
    picked = pl.DataFrame({"id": list(chosen), "why": pl.Series(list(chosen.values()), dtype=order)})
    found = picked.sort("why", maintain_order=True).join(rows, on="id", how="left", maintain_order="left")
    return found.select("id", pl.col("why").cast(pl.String), "label", "called")


def _rows(predictions: Predictions, threshold: float | None) -> pl.DataFrame:
    shares, classes = predictions.probabilities(), predictions.classes
    said = called(predictions, threshold)
    sure = [row[classes.index(name)] for row, name in zip(shares, said, strict=True)]
    if classes.binary:
        positive = shares[:, classes.index(str(classes.positive))]
        doubt = np.abs(positive - (0.5 if threshold is None else threshold))
    else:
        best = np.sort(shares, axis=1)
        doubt = best[:, -1] - best[:, -2]
    table = predictions.table.select("id", "label").with_columns(said, sure=pl.Series(sure), doubt=pl.Series(doubt))
    return table.filter(pl.col("label").is_not_null())


def _queues(rows: pl.DataFrame, classes: list[str]) -> list[tuple[str, list[str]]]:
    right = pl.col("label") == pl.col("called")
    by_sure = rows.sort(pl.col("sure"), pl.col("id"), descending=[True, False])
    queues = [(DOUBTFUL, rows.sort("doubt", "id")["id"].to_list())]
    for name in classes:
        own = by_sure.filter(pl.col("label") == name)
        queues += [(RIGHT, own.filter(right)["id"].to_list()), (WRONG, own.filter(~right)["id"].to_list())]
    return queues
