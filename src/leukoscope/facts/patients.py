"""Patients' labels and linked groups as the models of this room take them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from leukoscope.cohort.classes import Classes
from leukoscope.errors import DataError

Ints = npt.NDArray[np.int64]


def targets(labels: pl.Series, classes: Classes) -> Ints:
    """Return what a model of patients learns.

    Args:
        labels: (n,) String, class names, null where unknown.
        classes: The classes.

    Returns:
        (n,) int64: of two classes 1 for the positive one and 0 for the other, wherever it stands; of more the class's
        place; -1 where the label is unknown.

    Example:
        >>> targets(pl.Series(["all", None, "hem"]), Classes(("all", "hem"), positive="all")).tolist()
        [1, -1, 0]
    """
    if classes.binary:
        numbers = {name: int(name == classes.positive) for name in classes.names}
    else:
        numbers = {name: place for place, name in enumerate(classes.names)}
    found: Ints = labels.replace_strict(numbers, default=-1, return_dtype=pl.Int64).to_numpy()
    return found


def target_names(classes: Classes) -> list[str]:
    """Return the classes' names in the order of the numbers that ``targets`` gives them.

    Example:
        >>> target_names(Classes(("all", "hem"), positive="all"))
        ['hem', 'all']
    """
    return sorted(classes.names, key=lambda name: int(targets(pl.Series([name]), classes)[0]))


def linked(patients: pl.DataFrame) -> list[str]:
    """Return each patient's linked group: the column ``group``, or the patient's own name where that says nothing.

    Args:
        patients: ``patient`` and, where known, ``group``.
    """
    if "group" not in patients.columns:
        return patients["patient"].to_list()
    return patients.select(pl.coalesce(pl.col("group").cast(pl.String), "patient")).to_series().to_list()


def rows_of(patients: pl.DataFrame, names: list[str]) -> pl.DataFrame:
    """Return the rows of these patients, in the order of the names.

    Raises:
        DataError: a patient is not in the table.
    """
    places = {name: place for place, name in enumerate(patients["patient"])}
    missing = [name for name in names if name not in places]
    if missing:
        raise DataError(
            "A patient is not in the patients' table.", where=f"patient {missing[0]}", more=len(missing) - 1
        )
    return patients[[places[name] for name in names]]
