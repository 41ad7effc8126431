"""The check that patients are known: without them no split can keep a person on one side."""

from __future__ import annotations

import polars as pl

from leukoscope.audit.evidence import Evidence
from leukoscope.audit.finding import Finding
from leukoscope.errors import counted


def patients_unknown(evidence: Evidence) -> list[Finding]:
    """Say so where cells (those with a label, if there are any) do not name their patient."""
    cells = evidence.labelled
    cells = cells if cells.height else evidence.cells.filter(pl.col("excluded").is_null())
    unknown = cells["patient"].null_count()
    if not unknown:
        return []
    whose = "No cell names its patient" if unknown == cells.height else f"{counted(unknown, 'cell')} without patient"
    sentence = f"{whose}: cells of one person may be trained on and tested on, so that a score can be too good."
    do = "If you know the patients, add a patient column; without it only identical pictures can be kept together."
    return [Finding("patients_unknown", "warning", sentence, unknown, do=do)]
