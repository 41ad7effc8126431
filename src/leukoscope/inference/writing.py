"""Predictions into a file as they are made."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq

from leukoscope.bundles.ensemble_bundle import AnyBundle
from leukoscope.errors import counted
from leukoscope.files import replacing
from leukoscope.inference.fact_tables import Facts
from leukoscope.inference.marks import marks_of
from leukoscope.inference.opening import opened, refuse_facts, refuse_other_ending
from leukoscope.inference.patients import PatientSummary, predict_patients_to_file
from leukoscope.inference.predicting import notices, predict_blocks, seen_in
from leukoscope.inference.sources import Source, pictures_of

ROWS_A_PIECE = 8192


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
    """

    out: Path
    cells: int
    unreadable: int
    seconds: float
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        rest = f", {self.unreadable:,} could not be (column 'problem')" if self.unreadable else ""
        lines = [f"{counted(self.cells, 'cell')} predicted{rest}, in {self.seconds:.0f} s: {self.out}"]
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
) -> Summary | PatientSummary:
    """Predict pictures into a csv or parquet file; any number of them, in the memory of a few batches.

    With a bundle of patients it does what ``predict_patients_to_file`` says.

    The file appears when it is whole. Its columns are those of ``predict_blocks``; every picture has a row, also those
    that cannot be read.

    Args:
        bundle: A bundle, or its folder.
        pictures: A cohort, the path of a folder (searched with all that lies in it) or a picture, or several paths.
            For patients: a cohort, or a folder with one folder a patient.
        out: The file; its ending says which kind.
        facts: The patients' facts, as of ``predict_patients``; of no use for cells.
        batch: Pictures at a time, 1 or more; the probabilities do not depend on it.
        device: Where a bundle from a folder works: ``auto``, ``cpu``, ``cuda``. A loaded one stays on its own.
        workers: Threads that read pictures; one a core where None.

    Raises:
        SettingsError: the file is neither csv nor parquet.
        DataError: there is no picture.
        BundleError: the bundle is damaged.
    """
    started, out = time.monotonic(), Path(out)
    refuse_other_ending(out)
    ready = opened(bundle, device)
    if ready.card.task == "patients":
        return predict_patients_to_file(ready, pictures, out, facts=facts, batch=batch, workers=workers)
    refuse_facts(facts)
    found = pictures_of(pictures, ready.classes)
    tally = _Tally()
    with replacing(out) as temporary:
        pieces = _pieces(tally.counted(predict_blocks(ready, found, batch=batch, workers=workers)))
        (_write_parquet if out.suffix == ".parquet" else _write_csv)(temporary, pieces)
    told = notices(marks_of(ready, found.sets), tally.seen, tally.unreadable, tally.first)
    seconds = time.monotonic() - started
    return Summary(out, tally.cells - tally.unreadable, tally.unreadable, seconds, tuple(told), found.notes)


@dataclass
class _Tally:
    """Counts rows as they pass, and keeps the first that has a problem."""

    cells: int = 0
    seen: int = 0
    unreadable: int = 0
    first: tuple[str, str] | None = None

    def counted(self, blocks: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
        for block in blocks:
            wrong = block.filter(pl.col("problem").is_not_null())
            self.cells, self.unreadable = self.cells + block.height, self.unreadable + wrong.height
            self.seen += seen_in(block)
            if self.first is None and wrong.height:
                self.first = wrong.select("path", "problem").row(0)
            yield block


def _pieces(blocks: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """Gather blocks into larger pieces: a parquet file of tiny row groups is slow to read."""
    waiting, rows = list[pl.DataFrame](), 0
    for block in blocks:
        waiting.append(block)
        rows += block.height
        if rows >= ROWS_A_PIECE:
            yield pl.concat(waiting)
            waiting, rows = [], 0
    if waiting:
        yield pl.concat(waiting)


def _write_csv(path: Path, pieces: Iterable[pl.DataFrame]) -> None:
    with path.open("wb") as file:
        for number, piece in enumerate(pieces):
            piece.write_csv(file, include_header=number == 0)


def _write_parquet(path: Path, pieces: Iterator[pl.DataFrame]) -> None:
    first = next(pieces).to_arrow()
    with pq.ParquetWriter(path, first.schema) as writer:
        writer.write_table(first)
        for piece in pieces:
            writer.write_table(piece.to_arrow())
