"""Checks of what is there: how many cells of whom, and which are left out."""

from __future__ import annotations

import polars as pl

from leukoscope.audit.evidence import Evidence
from leukoscope.audit.finding import Finding
from leukoscope.cohort.cohort import Cohort
from leukoscope.errors import counted


def counts(evidence: Evidence) -> list[Finding]:
    """Count cells and patients of each class, and of each place."""
    cohort = evidence.cohort
    table = cohort.counts()
    patients = cohort.usable["patient"].drop_nulls().n_unique()
    of_whom = f" of {counted(patients, 'patient')}" if patients else ""
    own = cohort.patients["label"].drop_nulls()
    boxes = boxes_of_classes(cohort)
    if boxes and not cohort.labelled.height and not own.len():
        said = ", ".join(f"{cohort.classes.title(name)} {boxes.get(name, 0):,}" for name in table["label"])
        sentence = (
            f"{counted(cohort.usable.height, 'usable picture')}{of_whom} with {sum(boxes.values()):,} boxes: {said}."
        )
        return [
            Finding("counts", "note", sentence, cohort.usable.height, {"classes": table, "places": _places(evidence)})
        ]
    number, what = (
        (table["cells"], "") if cohort.labelled.height or not own.len() else (_of_patients(cohort), " patients")
    )
    classes = ", ".join(
        f"{cohort.classes.title(name)} {of_class:,}{what}"
        for name, of_class in zip(table["label"], number, strict=True)
    )
    sentence = f"{counted(cohort.usable.height, 'usable cell')}{of_whom}: {classes}."
    return [Finding("counts", "note", sentence, cohort.usable.height, {"classes": table, "places": _places(evidence)})]


def boxes_of_classes(cohort: Cohort) -> dict[str, int]:
    """Return how many boxes of each class there are on usable pictures; empty where there are no boxes.

    Args:
        cohort: The cohort; boxes without a class are not counted.
    """
    boxes = cohort.tables.get("boxes")
    if boxes is None:
        return {}
    here = boxes.join(cohort.usable, on="id", how="semi").drop_nulls("label")
    return dict(here.group_by("label").len().sort("label").iter_rows())


def _places(evidence: Evidence) -> pl.DataFrame:
    places = evidence.cells.filter(pl.col("excluded").is_null()).group_by("place", "label")
    return places.agg(cells=pl.len(), patients=pl.col("patient").drop_nulls().n_unique()).sort("place", "label")


def _of_patients(cohort: Cohort) -> pl.Series:
    """Patients of each class by their own label, in the order of the classes."""
    own = dict(cohort.patients.drop_nulls("label").group_by("label").len().iter_rows())
    return pl.Series([own.get(name, 0) for name in cohort.classes.names])


def excluded(evidence: Evidence) -> list[Finding]:
    """List the cells that are left out, with the reason."""
    cells = evidence.cells.filter(pl.col("excluded").is_not_null()).select("id", "path", "patient", reason="excluded")
    if not cells.height:
        return []
    reasons = cells.group_by("reason").len("cells").sort("cells", "reason", descending=[True, False])
    first = "; ".join(f"{reason} ({number:,})" for reason, number in reasons.head(3).iter_rows())
    more = f"; and {counted(reasons.height - 3, 'further reason')}" if reasons.height > 3 else ""  # noqa: PLR2004
    sentence = f"{counted(cells.height, 'cell')} left out: {first}{more}."
    return [Finding("excluded", "note", sentence, cells.height, {"cells": cells, "reasons": reasons})]


def unlabelled(evidence: Evidence) -> list[Finding]:
    """Count the usable cells whose class is not known."""
    unknown = evidence.cells.filter(pl.col("excluded").is_null() & pl.col("label").is_null())
    if not unknown.height:
        return []
    places = unknown.group_by("place").len("cells").sort("place")
    theirs = evidence.cohort.patients.drop_nulls("label").select("patient")
    by_patient = unknown.join(theirs, on="patient", how="semi").height
    known = f" The patient's class is known for {by_patient:,} of them." if by_patient else ""
    sentence = f"{counted(unknown.height, 'cell')} without class: not trained on, nor scored.{known}"
    return [Finding("unlabelled", "note", sentence, unknown.height, {"places": places})]
