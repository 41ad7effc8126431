"""Predictions into a file as they are made."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from leukoscope.bundles.ensemble_bundle import AnyBundle
from leukoscope.errors import counted
from leukoscope.files import write_table
from leukoscope.inference.certainty import referral_notices, referred_in
from leukoscope.inference.fact_tables import Facts
from leukoscope.inference.flags import strange_in, strange_notices
from leukoscope.inference.marks import marks_of
from leukoscope.inference.opening import opened, refuse_facts, refuse_other_ending, refuse_own_source
from leukoscope.inference.patient_sums import PatientSums
from leukoscope.inference.patients import PatientSummary, predict_patients_to_file
from leukoscope.inference.predicting import notices, predict_blocks, seen_in
from leukoscope.inference.sources import Pictures, Source, pictures_of
from leukoscope.inference.table_files import beside, heading, write_blocks
from leukoscope.inference.unfinished import Unfinished, unfinished_table

ROWS, PATIENTS = "rows", "patients"
"""The name of the table in its unfinished file, and of the table beside it."""


@dataclass(frozen=True)
class Summary:
    """What was predicted.

    Args:
        out: The table.
        cells: Pictures with a prediction.
        unreadable: Pictures without; the table's ``problem`` says why.
        seconds: How long it took, the loading of the bundle included.
        warnings: What whoever uses the table must know, a sentence each.
        notes: What was passed over, a sentence each.
        by_patient: The table of their patients beside it; None where no patient is known.
    """

    out: Path
    cells: int
    unreadable: int
    seconds: float
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    by_patient: Path | None = None

    def __repr__(self) -> str:
        rest = f", {self.unreadable:,} could not be (column 'problem')" if self.unreadable else ""
        lines = [f"{counted(self.cells, 'cell')} predicted{rest}, in {self.seconds:.0f} s: {self.out}"]
        lines += [] if self.by_patient is None else [f"  by patient: {self.by_patient}"]
        return "\n".join(lines + [f"  note: {note}" for note in self.notes])


def predict_to_file(
    bundle: AnyBundle | Path | str,
    pictures: Source,
    out: Path | str,
    *,
    facts: Facts = None,
    batch: int = 64,
    device: str = "auto",
    workers: int | None = None,
    resume: bool = False,
) -> Summary | PatientSummary:
    """Predict pictures into a csv or parquet file; any number of them, in the memory of a few batches.

    With a bundle of patients it does what ``predict_patients_to_file`` says.

    The file appears when it is whole; until then its rows lie beside it (``<out>.part``). Its columns are those of
    ``predict_blocks``; every picture has a row, also those that cannot be read. Where patients are known, a second
    table beside it, ``<stem>_patients``, has a row for each (``PatientSums.table``).

    Args:
        bundle: A bundle, or its folder.
        pictures: As of ``predict``.
        out: The file; its ending says which kind.
        facts: The patients' facts, as of ``predict_patients``; of no use for cells.
        batch: Pictures at a time, 1 or more; the probabilities do not depend on it.
        device: Where a bundle from a folder works: ``auto``, ``cpu``, ``cuda``. A loaded one stays on its own.
        workers: Threads that read pictures; one a core where None.
        resume: Go on with the rows that a prediction which was broken off has left; they must be of the same bundle
            and the same pictures in the same order. That the pictures' content is the same is not looked at.

    Raises:
        SettingsError: the file is neither csv nor parquet, or is one that is read, or the rows that are there are of
            something else.
        DataError: there is no picture.
        BundleError: the bundle is damaged.
    """
    started, out = time.monotonic(), Path(out)
    refuse_other_ending(out)
    ready = opened(bundle, device)
    if ready.card.task == "patients":
        return predict_patients_to_file(ready, pictures, out, facts=facts, batch=batch, workers=workers, resume=resume)
    refuse_facts(facts)
    refuse_own_source([out, beside(out, PATIENTS)], [pictures])
    found = pictures_of(pictures, ready.classes)
    known = unfinished_table(out, heading(ready, found.root, [found.table]), resume=resume)
    for block in predict_blocks(ready, _rest(found, known), batch=batch, workers=workers):
        known.append({ROWS: block})
    tally, sums = _Tally(), PatientSums(ready.classes, ready.threshold)
    write_blocks(out, sums.passed(tally.counted(tables[ROWS] for tables in known.tables())))
    patients = sums.table()
    by_patient = None if patients is None else beside(out, PATIENTS)
    if patients is not None and by_patient is not None:
        write_table(by_patient, patients)
    known.remove()
    told = notices(marks_of(ready, found.sets), tally.seen, tally.unreadable, tally.first)
    told += referral_notices(ready, tally.referred)
    seconds, cells = time.monotonic() - started, tally.cells - tally.unreadable
    told += strange_notices(tally.strange, cells)
    return Summary(out, cells, tally.unreadable, seconds, tuple(told), (*found.notes, *known.notes), by_patient)


def _rest(found: Pictures, known: Unfinished) -> Pictures:
    """Return the pictures that have no row yet."""
    return replace(found, table=found.table.slice(known.rows.get(ROWS, 0)))


@dataclass
class _Tally:
    """Counts rows as they pass, and keeps the first that has a problem."""

    cells: int = 0
    seen: int = 0
    referred: int = 0
    strange: int = 0
    unreadable: int = 0
    first: tuple[str, str] | None = None

    def counted(self, blocks: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
        for block in blocks:
            wrong = block.filter(pl.col("problem").is_not_null())
            self.cells, self.unreadable = self.cells + block.height, self.unreadable + wrong.height
            self.seen += seen_in(block)
            self.referred += referred_in(block)
            self.strange += strange_in(block)
            if self.first is None and wrong.height:
                self.first = wrong.select("path", "problem").row(0)
            yield block
