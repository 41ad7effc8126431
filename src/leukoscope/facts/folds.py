"""Folds of patients: stratified by class, linked groups kept together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from leukoscope.cohort.splits.draw import draw_folds
from leukoscope.errors import DataError

Ints = npt.NDArray[np.int64]
FEWEST = 2


def patient_folds(truth: Ints, groups: Sequence[str], folds: int, seed: int) -> Ints:
    """Deal patients into folds, as ``split --kind folds`` deals cells.

    Args:
        truth: (n,) int64, each patient's class, 0 or more.
        groups: The linked group of each patient; no group is in two folds.
        folds: How many folds, 2 or more; fewer are made where a class stands in fewer groups.
        seed: The seed; the folds depend on it and the groups, not on the order of the patients.

    Returns:
        (n,) int64, the fold of each patient, from 0.

    Raises:
        DataError: a class stands in fewer than two linked groups.
    """
    number = min(folds, fewest_groups(truth, groups))
    if number < FEWEST:
        raise DataError(
            "Predictions out of fold need patients of two linked groups of each class, or more.",
            do="Train on more patients.",
        )
    table = pl.DataFrame({"key": list(groups), "label": [str(value) for value in truth]})
    dealt = draw_folds(table, sorted(set(table["label"])), number, seed=seed)
    found: Ints = table.join(dealt, on="key", how="left", maintain_order="left")["fold"].to_numpy()
    return found


def fewest_groups(truth: Ints, groups: Sequence[str]) -> int:
    """Return the number of linked groups in which the rarest class stands; 0 where there are no patients."""
    table = pl.DataFrame({"label": truth, "group": list(groups)})
    return int(table.group_by("label").agg(pl.col("group").n_unique())["group"].min() or 0)  # type: ignore[arg-type]
