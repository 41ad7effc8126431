"""The Lyon challenge's file: 0 or 1 for each patient of unknown label."""

from __future__ import annotations

import time
from pathlib import Path

import polars as pl

from leukoscope.bundles.ensemble_bundle import AnyBundle
from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.readers.words import listed
from leukoscope.errors import DataError, SettingsError, counted
from leukoscope.files import write_table
from leukoscope.inference.fact_tables import Facts
from leukoscope.inference.opening import of_patients, opened
from leukoscope.inference.patient_sources import patients_of
from leukoscope.inference.patients import PatientSummary, patient_table, summed_up

ROW = "row"
"""The column in which the Lyon reader keeps a patient's row in the challenge's csv."""


def write_lyon_submission(
    bundle: AnyBundle | Path | str,
    cohort: Cohort,
    out: Path | str,
    *,
    facts: Facts = None,
    batch: int = 64,
    device: str = "auto",
    workers: int | None = None,
) -> PatientSummary:
    """Predict the patients of unknown label and write the challenge's csv, ``ID,Predicted``.

    The patients stand in the order of the challenge's csv. ``Predicted`` is 1 where the bundle calls its positive
    class, at its own threshold, else 0.

    Args:
        bundle: A bundle of patients of two classes, or its folder.
        cohort: The Lyon data as the reader ``lyon`` gives them.
        out: The csv.
        facts: As in ``predict_patients``.
        batch: As in ``predict_patients``.
        device: As in ``predict_patients``.
        workers: As in ``predict_patients``.

    Raises:
        SettingsError: the bundle is one of cells or of more than two classes, or the file is no csv.
        DataError: every patient has a label, or one cannot be predicted: the file would not be whole.
    """
    started, out = time.monotonic(), Path(out)
    if out.suffix != ".csv":
        raise SettingsError("A submission must end in .csv.", where=str(out))
    ready = of_patients(opened(bundle, device))
    if not ready.classes.binary:
        raise SettingsError(
            f"A submission says 0 or 1; the bundle has {len(ready.classes)} classes.", where=str(ready.folder)
        )
    inputs = tuple(ready.card.facts.inputs) if ready.card.takes_facts else ()
    found = patients_of(_unlabelled(cohort), ready.classes, facts=facts, inputs=inputs)
    table = patient_table(ready, found, batch=batch, workers=workers)
    _refuse_missing(table)
    positive = (pl.col("called") == str(ready.classes.positive)).cast(pl.Int64)
    write_table(out, table.select(ID="patient", Predicted=positive))
    return summed_up(ready, found, table, out, started)


def _unlabelled(cohort: Cohort) -> Cohort:
    """Return the patients of unknown label who stand in the challenge's csv, in its order."""
    patients = cohort.patients.filter(pl.col("label").is_null())
    if ROW in patients.columns:
        patients = patients.filter(pl.col(ROW).is_not_null()).sort(ROW)
    if not patients.height:
        raise DataError("Every patient has a label: there is nobody to predict.", where=str(cohort.root))
    cells = cohort.cells.filter(pl.col("patient").is_in(patients["patient"].implode()))
    return Cohort.from_cells(cohort.name, cohort.root, cells, cohort.classes, patients=patients)


def _refuse_missing(table: pl.DataFrame) -> None:
    wrong = table.filter(pl.col("problem").is_not_null())
    if wrong.height:
        raise DataError(
            f"{counted(wrong.height, 'patient')} would be missing from the submission: {listed(wrong['patient'])}. "
            f"{wrong['problem'][0]}",
            where=f"patient {wrong['patient'][0]}",
            more=wrong.height - 1,
            do="Mend the pictures or facts; --format table lists every patient with the reason.",
        )
