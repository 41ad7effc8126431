"""Checks of patients: whether they are known, and whether their own label goes with those of their cells."""

from __future__ import annotations

import polars as pl

from leukoscope.audit.evidence import Evidence
from leukoscope.audit.finding import Finding
from leukoscope.errors import counted

SHOWN = 3


def patients_unknown(evidence: Evidence) -> list[Finding]:
    """Say so where cells (those with a label, if there are any) do not name their patient."""
    cells = evidence.labelled
    cells = cells if cells.height else evidence.cells.filter(pl.col("excluded").is_null())
    unknown = cells["patient"].null_count()
    if not unknown:
        return []
    whose = "No cell names its patient" if unknown == cells.height else f"{counted(unknown, 'cell')} without patient"
    sentence = f"{whose}: cells of one person may be trained on and tested on, so that a score can be too good."
    do = (
        "If you know the patients, add a patient column; without it only "
        "identical pictures and near twins can be kept together."
    )
    return [Finding("patients_unknown", "warning", sentence, unknown, do=do)]


def patient_contradicts_cells(evidence: Evidence) -> list[Finding]:
    """Warn where a patient's own label contradicts those of their cells.

    It does where none of a patient's labelled cells is of the patient's class, and, of two classes, where a patient of
    the negative one has cells of the positive one: a healthy person has no leukaemic blasts, but a patient with
    leukaemia has normal cells too.
    """
    classes = evidence.cohort.classes
    own = evidence.cohort.patients.drop_nulls("label").select("patient", own="label")
    cells = evidence.labelled.join(own, on="patient")
    fits = pl.col("label") == pl.col("own")
    each = cells.group_by("patient", "own").agg(cells=pl.len(), of_own_class=fits.sum(), others=pl.col("label"))
    each = each.with_columns(pl.col("others").list.unique().list.sort().list.join(", "))
    healthy = pl.col("own") != (classes.positive or "")
    odd = (pl.col("of_own_class") == 0) | (healthy & (pl.col("of_own_class") < pl.col("cells")) & classes.binary)
    wrong = each.filter(odd).rename({"own": "label", "others": "labels_of_cells"}).sort("patient")
    if not wrong.height:
        return []
    named = "; ".join(
        f"{who} is {classes.title(label)} with {counted(number, 'cell')} of another class"
        for who, label, number in wrong.select("patient", "label", pl.col("cells") - pl.col("of_own_class"))
        .head(SHOWN)
        .iter_rows()
    )
    more = f"; and {wrong.height - SHOWN:,} more" if wrong.height > SHOWN else ""
    sentence = f"{counted(wrong.height, 'patient')} whose own label contradicts their cells' ({named}{more})."
    do = "Look these patients up: the label of the patient or those of the cells are wrong."
    return [Finding("patient_contradicts_cells", "warning", sentence, wrong.height, {"patients": wrong}, do)]
