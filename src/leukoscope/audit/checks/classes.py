"""Checks of labels: patients whose cells are of two classes, and classes with too little in them."""

from __future__ import annotations

import polars as pl

from leukoscope.audit.evidence import Evidence
from leukoscope.audit.finding import Finding, Severity
from leukoscope.errors import counted

SHOWN = 5
MOST = 10
FEW_CELLS = 10
FEW_PATIENTS = 3
RARE = 0.1


def patient_in_two_classes(evidence: Evidence) -> list[Finding]:
    """Note the patients with cells of both classes, where there are two.

    Where a label is a disease every cell of a patient has the same; where it is a cell's own, a mixture is natural.
    With no more than a tenth of the patients mixed the former is likelier, and it becomes a warning.
    """
    cells = evidence.labelled.filter(pl.col("patient").is_not_null())
    if not evidence.cohort.classes.binary:
        return []
    names = evidence.cohort.classes.names
    number = [(pl.col("label") == name).sum().cast(pl.Int64).alias(f"cells_{name}") for name in names]
    of_patient = cells.group_by("patient").agg(*number).sort("patient")
    mixed = of_patient.filter(pl.all_horizontal(pl.col(f"cells_{name}") > 0 for name in names))
    if not mixed.height:
        return []
    named = ", ".join(mixed["patient"].head(SHOWN)) + (", ..." if mixed.height > SHOWN else "")
    sentence = (
        f"{counted(mixed.height, 'patient')} of {of_patient.height:,} with cells of both classes ({named}). If the "
        "label is the patient's disease, one of the two is wrong; if it is the cell's own, this is to be expected."
    )
    rare = mixed.height <= RARE * of_patient.height
    do = "Look at these patients' labels." if rare else None
    severity: Severity = "warning" if rare else "note"
    return [Finding("patient_in_two_classes", severity, sentence, mixed.height, {"patients": mixed}, do)]


def few_in_class(evidence: Evidence) -> list[Finding]:
    """Name the classes with few cells or few patients; where only patients have labels, those with few of them."""
    cohort = evidence.cohort
    if not evidence.labelled.height:
        return _few_patients(evidence)
    table = cohort.counts()
    few_cells = pl.col("cells") < FEW_CELLS
    known = evidence.labelled["patient"].drop_nulls().len() > 0
    few = table.filter(few_cells | (pl.col("patients") < FEW_PATIENTS)) if known else table.filter(few_cells)
    if not few.height:
        return []
    said = ", ".join(_in_words(cohort.classes.title(name), *numbers) for name, *numbers in few.head(MOST).iter_rows())
    more = f" and {few.height - MOST:,} more" if few.height > MOST else ""
    sentence = (
        f"{counted(few.height, 'class', 'classes')} with fewer than {FEW_CELLS} cells"
        f"{f' or {FEW_PATIENTS} patients' if known else ''}: {said}{more}. That is too few to learn and to measure."
    )
    do = "Collect more of it, leave it out, or join it with another class."
    return [Finding("few_in_class", "warning", sentence, few.height, {"classes": few}, do)]


def _few_patients(evidence: Evidence) -> list[Finding]:
    classes = evidence.cohort.classes
    own = evidence.cohort.patients["label"].drop_nulls()
    counts = pl.DataFrame({"label": classes.names, "patients": [(own == name).sum() for name in classes.names]})
    few = counts.filter(pl.col("patients") < FEW_PATIENTS)
    if not own.len() or not few.height:
        return []
    said = ", ".join(f"{classes.title(name)} ({counted(number, 'patient')})" for name, number in few.iter_rows())
    sentence = (
        f"{counted(few.height, 'class', 'classes')} with fewer than {FEW_PATIENTS} patients: {said}. That is too few "
        "to learn and to measure."
    )
    do = "Collect more of it, leave it out, or join it with another class."
    return [Finding("few_in_class", "warning", sentence, few.height, {"classes": few}, do)]


def _in_words(title: str, cells: int, patients: int) -> str:
    whose = f" of {counted(patients, 'patient')}" if patients else ""
    return f"{title} ({counted(cells, 'cell')}{whose})"
