"""A cohort seen as patients: the label is the patient's, and cells carry none."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from leukoscope.cohort.cohort import Cohort


def of_patients(cohort: Cohort) -> Cohort:
    """Return the cohort with a label on each patient, as far as it is known, and none on the cells.

    A patient without a label of their own takes that of their cells where all usable ones that have one agree.

    Args:
        cohort: Any cohort; one that is seen so already stays as it is.
    """
    alike = (
        cohort.labelled.drop_nulls("patient")
        .group_by("patient")
        .agg(pl.col("label").unique().alias("found"))
        .filter(pl.col("found").list.len() == 1)
        .select("patient", of_cells=pl.col("found").list.first())
    )
    patients = cohort.patients.join(alike, on="patient", how="left", maintain_order="left")
    patients = patients.with_columns(label=pl.coalesce("label", "of_cells")).drop("of_cells")
    return replace(cohort, cells=cohort.cells.with_columns(label=pl.lit(None, pl.String)), patients=patients)
