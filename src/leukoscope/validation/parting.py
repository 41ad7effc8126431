"""Who is recalibrated on, and who is the rest: linked groups, shared out by class, before anything is predicted."""

from __future__ import annotations

import polars as pl

from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.links import LinkedGroups
from leukoscope.cohort.splits.holdout import held_out
from leukoscope.errors import DataError, SettingsError, counted

PART, REST = "recalibration", "rest"
FEWEST = 5
"""Linked groups that either side must have: on fewer, what is fitted is chance, and so is what is measured."""
FEW = 20


def parted(cohort: Cohort, groups: LinkedGroups, share: float, seed: int) -> pl.DataFrame:
    """Divide the labelled cells of a cohort into a part to recalibrate on and the rest; no linked group is on both.

    Where no patients are known, pictures are divided, identical ones kept together.

    Args:
        cohort: The cohort.
        groups: Its linked groups.
        share: The part's share of the cells of each class, above 0 and below 1.
        seed: The seed of the draw.

    Returns:
        ``id``, ``patient``, ``group``, ``label``, ``part`` (``recalibration``, ``rest``), sorted by id.

    Raises:
        SettingsError: a share that is none.
        DataError: either side has fewer than five linked groups, or cells of a single class.
    """
    if not 0 < share < 1:
        raise SettingsError(
            f"The share to recalibrate on must lie between 0 and 1, both excluded; got {share:g}.",
            where="recalibrate",
        )
    split = held_out(cohort, groups, {"train": share, "test": 1 - share}, by="patient", stratify=None, seed=seed)
    labels = cohort.patients.select("patient", own="label")
    known = cohort.cells.select("id", "patient", "label").join(labels, on="patient", how="left", maintain_order="left")
    table = split.table.join(known, on="id", how="left", maintain_order="left")
    part = pl.when(pl.col("part") == "train").then(pl.lit(PART)).otherwise(pl.lit(REST))
    label = pl.coalesce("label", "own")
    table = table.select("id", "patient", "group", label.alias("label"), part.alias("part")).sort("id")
    _refuse_few(table, cohort, share)
    return table


def of_part(table: pl.DataFrame, part: str) -> dict[str, int | None]:
    """Return how many ``cells``, ``patients`` (None where not known) and linked ``groups`` a part has.

    Args:
        table: From ``parted``.
        part: ``recalibration`` or ``rest``.
    """
    own = table.filter(pl.col("part") == part)
    patients = own["patient"].drop_nulls().n_unique() or None
    return {"cells": own.height, "patients": patients, "groups": own["group"].n_unique()}


def parting_notes(table: pl.DataFrame) -> tuple[str, ...]:
    """Return what a reader must know of the parts, a sentence each.

    Args:
        table: From ``parted``.
    """
    notes = []
    if not table["patient"].drop_nulls().len():
        notes.append(
            "No patients are known, so pictures were divided: cells of one patient may be on both sides, and what "
            "recalibration gains may be overstated."
        )
    elif (few := table.filter(pl.col("part") == PART)["group"].n_unique()) < FEW:
        notes.append(f"It rests on {counted(few, 'linked group')} of patients: on others it may turn out otherwise.")
    return tuple(notes)


def _refuse_few(table: pl.DataFrame, cohort: Cohort, share: float) -> None:
    """Refuse a side on which nothing can be fitted, or measured."""
    unit = "linked group" if table["patient"].drop_nulls().len() else "picture"
    sides = []
    enough = True
    for part, said in ((PART, "part"), (REST, "rest")):
        own = table.filter(pl.col("part") == part)
        there = [name for name in cohort.classes.names if (own["label"] == name).any()]
        enough &= own["group"].n_unique() >= FEWEST and len(there) > 1
        sides.append(f"the {said} has {counted(own['group'].n_unique(), unit)} of {', '.join(there) or 'no class'}")
    if not enough:
        raise DataError(
            f"With a share of {share:g} {' and '.join(sides)}; recalibration needs {FEWEST} {unit}s or more, and two "
            "classes, on either side.",
            do="Take another share or seed, or a larger cohort.",
        )
