"""The columns that every table of predictions of a run has."""

from __future__ import annotations

import numpy as np
import polars as pl

from leukoscope.cohort.classes import Classes
from leukoscope.predictions.table import probability_column


def as_columns(probabilities: np.ndarray, logits: np.ndarray, classes: Classes) -> dict[str, np.ndarray]:
    """Return probabilities, and for two classes the logit, under their columns' names.

    Args:
        probabilities: (n, k), in the order of the classes.
        logits: (n, 1) for two classes, else (n, k).
        classes: The k classes.
    """
    columns = {probability_column(name): probabilities[:, place] for place, name in enumerate(classes.names)}
    return {**columns, "logit": logits[:, 0]} if classes.binary else columns


def marked(table: pl.DataFrame, part: str, run: str, leakage: str | None) -> pl.DataFrame:
    """Return the table with the part, the run, and the reason of a leak on each row."""
    said = {"part": part, "run": run, "leakage": leakage}
    return table.with_columns([pl.lit(text, pl.String).alias(name) for name, text in said.items()])
