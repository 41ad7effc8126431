"""The class by which a cell is divided: its own or, where no cell of the data set has one, its patient's."""

from __future__ import annotations

import polars as pl

from leukoscope.cohort.cohort import Cohort


def known_labels(cohort: Cohort) -> pl.DataFrame:
    """Return the usable cells whose class is known.

    Where any usable cell has a label, those without are left out. Where none has (as in a data set of which only the
    patients were diagnosed), each cell counts with its patient's label, so that patients can be divided.

    Args:
        cohort: The cohort.

    Returns:
        The cohort's columns, in its order; ``label`` is never null.
    """
    if not labels_of_patients(cohort):
        return cohort.labelled
    own = cohort.patients.select("patient", "label").drop_nulls()
    joined = cohort.usable.drop("label").join(own, on="patient", maintain_order="left")
    return joined.select(cohort.cells.columns)


def labels_of_patients(cohort: Cohort) -> bool:
    """Whether only patients have labels here."""
    if cohort.cells.select((pl.col("excluded").is_null() & pl.col("label").is_not_null()).any()).item():
        return False
    return cohort.patients["label"].drop_nulls().len() > 0
