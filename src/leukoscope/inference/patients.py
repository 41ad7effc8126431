"""Patients to diagnoses, one after the other: each bag is read, seen and aggregated on its own."""

from __future__ import annotations

import contextlib
import re
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from leukoscope.bundles.bundle import Bundle
from leukoscope.bundles.ensemble_bundle import AnyBundle
from leukoscope.cohort.readers.names import without_formulas
from leukoscope.errors import DataError, LeukoscopeWarning, SettingsError, counted
from leukoscope.files import write_table
from leukoscope.inference.fact_tables import Facts
from leukoscope.inference.flags import strange_patients
from leukoscope.inference.marks import PATIENT, mark_notices, marks_of
from leukoscope.inference.opening import of_patients, opened, refuse_other_ending, refuse_other_task, refuse_own_source
from leukoscope.inference.patient_rows import PatientReader
from leukoscope.inference.patient_sources import Patients, patients_of
from leukoscope.inference.sources import Source
from leukoscope.inference.table_files import beside, heading, write_blocks
from leukoscope.inference.unfinished import unfinished_table
from leukoscope.predictions.table import Predictions
from leukoscope.progress import progress

PATIENTS, CELLS = "patients", "cells"
"""The names of the tables in their unfinished file; the second also that of its file."""


@dataclass(frozen=True)
class PatientSummary:
    """What was predicted.

    Args:
        out: The table.
        patients: Patients with a prediction.
        without: Patients without; the table's ``problem`` says why.
        seconds: How long it took, the loading of the bundle included.
        warnings: What whoever uses the table must know, a sentence each.
        notes: What was passed over, a sentence each.
        calls: How many patients were called what, and from which probability on; empty where nobody was.
        by_cell: The table of their cells beside it; None where there is none.
    """

    out: Path
    patients: int
    without: int
    seconds: float
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    calls: str = ""
    by_cell: Path | None = None

    def __repr__(self) -> str:
        rest = f", {self.without:,} could not be (column 'problem')" if self.without else ""
        lines = [f"{counted(self.patients, 'patient')} predicted{rest}, in {self.seconds:.0f} s: {self.out}"]
        lines += [f"  {self.calls}"] if self.calls else []
        lines += [] if self.by_cell is None else [f"  cell by cell: {self.by_cell}"]
        return "\n".join(lines + [f"  note: {note}" for note in self.notes])


def predict_patients(
    bundle: AnyBundle | Path | str,
    source: Source,
    *,
    facts: Facts = None,
    batch: int = 64,
    device: str = "auto",
    workers: int | None = None,
) -> Predictions:
    """Say what each patient has, and how probable.

    Args:
        bundle: A bundle of patients, or its folder.
        source: As of ``patients_of``: a cohort; a folder, or zip archive, with one folder a patient, named as the
            patient; or a table of pictures with their patients.
        facts: A table of the patients' facts (csv, parquet or in memory, with a column ``patient``); None for a
            cohort's own, or where the model takes none.
        batch: Pictures at a time in the network, 1 or more; the probabilities do not depend on it.
        device: Where a bundle from a folder works: ``auto``, ``cpu``, ``cuda``. A loaded one stays on its own.
        workers: Threads that read pictures; one a core where None.

    Returns:
        The patients that have a prediction, one row each, with the columns of ``patient_table`` but ``problem``.
        A warning names those who have none; ``predict_patients_to_file`` lists all.

    Raises:
        DataError: there is no patient, none can be predicted, or the facts are not what they must be.
        SettingsError: the bundle is one of cells, or a batch is below 1.
        BundleError: the bundle is damaged.
    """
    ready = of_patients(opened(bundle, device))
    found = _asked(ready, source, facts)
    table = patient_table(ready, found, batch=batch, workers=workers)
    wrong = table.filter(pl.col("problem").is_not_null())
    if wrong.height == table.height:
        raise DataError(
            f"None of the {counted(table.height, 'patient')} can be predicted. {wrong['problem'][0]}",
            where=f"patient {wrong['patient'][0]}",
            more=wrong.height - 1,
        )
    for text in (*patient_notices(ready, found, table), *found.notes):
        warnings.warn(text, LeukoscopeWarning, stacklevel=2)
    right = table.filter(pl.col("problem").is_null()).drop("problem")
    return Predictions(right, ready.classes, unit="patient")


def predict_patients_to_file(
    bundle: AnyBundle | Path | str,
    source: Source,
    out: Path | str,
    *,
    facts: Facts = None,
    batch: int = 64,
    device: str = "auto",
    workers: int | None = None,
    resume: bool = False,
) -> PatientSummary:
    """Predict patients into a csv or parquet file; every patient has a row, also one who cannot be predicted.

    A second table beside it, ``<stem>_cells``, has a row for each picture: what it adds to the patient's logit, or why
    it could not be read (``patient_cells.cells_table``). Until both are whole, their rows lie in ``<out>.part``.

    Args:
        bundle: As in ``predict_patients``.
        source: As in ``predict_patients``.
        out: The file; its ending says which kind. Its columns are those of ``patient_table``.
        facts: As in ``predict_patients``.
        batch: As in ``predict_patients``.
        device: As in ``predict_patients``.
        workers: As in ``predict_patients``.
        resume: As in ``predict_to_file``.

    Raises:
        SettingsError: the file is neither csv nor parquet or is one that is read, the bundle is one of cells, a batch
            is below 1, or the rows to go on with are of something else.
        DataError: there is no patient, or the facts are not what they must be.
        BundleError: the bundle is damaged.
    """
    started, out = time.monotonic(), Path(out)
    refuse_other_ending(out)
    refuse_own_source([out, beside(out, CELLS)], [source, facts])
    ready = of_patients(opened(bundle, device))
    found = _asked(ready, source, facts)
    known = unfinished_table(out, heading(ready, found.root, [found.table, found.pictures]), resume=resume)
    reader = _reader(ready, found, batch)
    for row, cells in _rows(reader, workers, done=known.rows.get(PATIENTS, 0), evidence=True):
        known.append({PATIENTS: row, CELLS: cells.with_columns(without_formulas(cells["path"]))})
    table = pl.concat([reader.template, *(tables[PATIENTS] for tables in known.tables())])
    write_table(out, table)
    write_blocks(beside(out, CELLS), (tables[CELLS] for tables in known.tables()))
    known.remove()
    noted = replace(found, notes=(*found.notes, *known.notes))
    return replace(summed_up(ready, noted, table, out, started), by_cell=beside(out, CELLS))


def summed_up(bundle: Bundle, patients: Patients, table: pl.DataFrame, out: Path, started: float) -> PatientSummary:
    """Return the summary of a table that was written.

    Args:
        bundle: The bundle.
        patients: From ``patients_of``.
        table: From ``patient_table``.
        out: The file.
        started: When the work began, on ``time.monotonic``'s clock.
    """
    without = table.height - table["problem"].null_count()
    return PatientSummary(
        out,
        table.height - without,
        without,
        time.monotonic() - started,
        tuple(patient_notices(bundle, patients, table)),
        patients.notes,
        _calls(bundle, table),
    )


def patient_table(bundle: Bundle, patients: Patients, *, batch: int = 64, workers: int | None = None) -> pl.DataFrame:
    """Return the rows of all patients; the memory is that of one patient's instances.

    Pictures that cannot be read are left out, and ``remark`` says so. A fact that is missing, or unlike all of
    training, is taken as the bundle's encoder says, with a remark, too.

    Args:
        bundle: A bundle of patients.
        patients: From ``patients_of``.
        batch: Pictures at a time in the network.
        workers: Threads that read pictures; one a core where None.

    Returns:
        ``id`` and ``patient`` (the same), ``label``, ``called``, ``p_<class>`` for each class, ``logit`` (of the
        positive class; two classes only), ``raw_logit`` (where the bundle calibrates: the logit from before), ``band``
        and ``referred`` (where the bundle has a band), ``cells`` (pictures that were read), ``unreadable`` (pictures
        that were not), ``strange_cells`` (how many of the cells are out of distribution; where the bundle has
        reference cells), ``remark``, ``problem`` (why there is no prediction; class and numbers are null then); where
        the bundle lists what it has seen, or is marked itself, also ``leakage``, as of ``predict_blocks``.

    Raises:
        SettingsError: the bundle is one of cells, or a batch is below 1.
    """
    reader = _reader(bundle, patients, batch)
    return pl.concat([reader.template, *(row for row, _ in _rows(reader, workers))])


def patient_notices(bundle: Bundle, patients: Patients, table: pl.DataFrame) -> list[str]:
    """Return what whoever uses the predictions must know, a sentence each.

    Args:
        bundle: The bundle.
        patients: From ``patients_of``.
        table: From ``patient_table``.
    """
    known = 0 if "leakage" not in table.columns else int(table["leakage"].str.contains(PATIENT, literal=True).sum())
    found = mark_notices(marks_of(bundle, patients.sets), known, PATIENT)
    wrong = table.filter(pl.col("problem").is_not_null())
    if wrong.height:
        who = f"{counted(wrong.height, 'patient')} could not be predicted"
        found.append(f"{who}. {wrong['patient'][0]}: {wrong['problem'][0]}")
    pictures = int(table["unreadable"].sum())
    if pictures:
        found.append(f"Left out, since they cannot be used: {counted(pictures, 'picture')} (column 'remark' says why).")
    odd = _with_odd_facts(bundle, table)
    if odd:
        found.append(
            f"A fact is missing, or unlike those of all training patients: {counted(odd, 'patient')}, whose "
            "probability is less to be trusted (column 'remark' says which)."
        )
    referred = 0 if "referred" not in table.columns else int(table["referred"].sum())
    if referred:
        who = counted(referred, "patient")
        found.append(f"{who} to be referred: the band does not hold the called class alone (column 'band').")
    return found + strange_patients(table)


def _reader(bundle: Bundle, patients: Patients, batch: int) -> PatientReader:
    refuse_other_task(bundle, "patients")
    if batch < 1:
        raise SettingsError(f"A batch needs at least 1 picture; got {batch}.")
    return PatientReader(bundle, patients, batch)


def _rows(
    reader: PatientReader, workers: int | None, *, done: int = 0, evidence: bool = False
) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
    """Give each patient's row and those of the patient's cells, from patient number ``done`` on."""
    number = len(reader.names)
    with (
        progress("Predicting patients", number - done) as advance,
        contextlib.closing(reader.readings(workers, done)) as readings,
    ):
        for place in range(done, number):
            yield reader.rows(place, readings, evidence=evidence)
            advance(1)


def _with_odd_facts(bundle: Bundle, table: pl.DataFrame) -> int:
    """Return how many predicted patients have a remark on a fact that the bundle takes."""
    if not bundle.card.takes_facts:
        return 0
    names = "|".join(map(re.escape, bundle.card.facts.inputs))
    predicted = table.filter(pl.col("problem").is_null())
    return int(predicted["remark"].str.contains(rf"(^|; )({names}): ").sum())


def _calls(bundle: Bundle, table: pl.DataFrame) -> str:
    calls = dict(table["called"].drop_nulls().value_counts().iter_rows())
    if not calls:
        return ""
    shares = ", ".join(f"{calls[name]:,} {name}" for name in bundle.classes.names if name in calls)
    from_on = "" if bundle.threshold is None else f"; {bundle.classes.positive} from p = {bundle.threshold:.3g} on"
    return f"called: {shares}{from_on}"


def _asked(bundle: Bundle, source: Source, facts: Facts) -> Patients:
    card = bundle.card
    inputs = tuple(card.facts.inputs) if card.takes_facts else ()
    return patients_of(source, bundle.classes, facts=facts, inputs=inputs)
