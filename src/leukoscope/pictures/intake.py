"""The intake: one pass over a cohort's files that leaves a table of facts, excluded cells, and the pixel store."""

from __future__ import annotations

import contextlib
import html
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl

from leukoscope.cohort.cohort import Cohort
from leukoscope.errors import SettingsError
from leukoscope.files import locked
from leukoscope.pictures.facts_cache import IntakeCache, table_of
from leukoscope.pictures.framing import Framing
from leukoscope.pictures.measure import Measure
from leukoscope.pictures.reading import Known, Reading, Request, read_all
from leukoscope.pictures.store import PixelStore
from leukoscope.pictures.store_index import StoreFiles
from leukoscope.pictures.store_writer import StoreWriter, explained_disk, refuse_small_disk
from leukoscope.progress import Advance, progress

SAVED_EVERY = 1_000
UNREADABLE = "unreadable: "


@dataclass(frozen=True)
class Intake:
    """A cohort whose pictures were all looked at.

    Args:
        cohort: The cohort, with unreadable cells excluded (``unreadable: ...``).
        pictures: One row a cell, excluded ones too, in the cohort's order: ``id`` and the columns of ``facts.SCHEMA``.
        store: The framed pictures of the cells that are not excluded; None where none were asked for.
        notes: What happened on the way, a sentence each (a damaged store was built anew).
        measured: What else was computed of each picture, by the measure's name: a table with ``id`` and the measure's
            columns, one row a cell as in ``pictures``; null where a picture cannot be read.
    """

    cohort: Cohort
    pictures: pl.DataFrame
    store: PixelStore | None = None
    notes: tuple[str, ...] = ()
    measured: Mapping[str, pl.DataFrame] = field(default_factory=dict)

    def __repr__(self) -> str:
        unreadable = self.pictures["problem"].drop_nulls().len()
        remarked = self.pictures["remarks"].drop_nulls().len()
        head = f"Intake of {self.cohort.name!r}: {self.pictures.height:,} pictures, {unreadable:,} unreadable"
        lines = [head + (f", {remarked:,} with remarks" if remarked else "")]
        counted = (
            self.pictures["remarks"].drop_nulls().value_counts().sort("count", "remarks", descending=[True, False])
        )
        lines += [f"  {remarks}: {count:,}" for remarks, count in counted.head(5).iter_rows()]
        lines += [] if self.store is None else [f"  {self.store!r}"]
        return "\n".join(lines + [f"  note: {note}" for note in self.notes])

    def _repr_html_(self) -> str:
        head, *rest = repr(self).splitlines()
        items = "".join(f"<li>{html.escape(line.strip())}</li>" for line in rest)
        return f"<b>{html.escape(head)}</b><ul>{items}</ul>"


def take_in(
    cohort: Cohort,
    *,
    framing: Framing | None = None,
    store: Path | None = None,
    workers: int | None = None,
    measures: Sequence[Measure] = (),
) -> Intake:
    """Read every picture of a cohort once: hash, decode, measure, and, where asked for, frame it into the store.

    Pictures of cells that are excluded already are looked at too (two patients may be tied by one), but not framed.
    Killed at any point and started again, it goes on where it stopped: files are read and hashed again, what the
    store and its facts already know by their content is not decoded again. The store's folder is locked meanwhile.

    Args:
        cohort: The cohort as it was read.
        framing: How pictures are framed for the store; must give a fixed size.
        store: The store's folder; given with ``framing`` or not at all.
        workers: Threads; one a core where None. The result does not depend on it.
        measures: What else is computed of each picture while it is decoded.

    Raises:
        SettingsError: only one of ``framing`` and ``store`` is given, or the framing gives no fixed size.
        LeukoscopeError: the disk is full, or another process is building this store.
    """
    measures = tuple(measures)
    if store is None and framing is None:
        with _reading(cohort, Known({}, (), None, measures, tuple({} for _ in measures)), workers) as readings:
            return _intake(cohort, list(readings), measures)
    if store is None or framing is None:
        raise SettingsError("A framing and the store's folder belong together; only one of them was given.")
    files = StoreFiles(store, framing)
    with explained_disk(store), locked(store), contextlib.closing(StoreWriter(files)) as writer:
        refuse_small_disk(store, max(cohort.usable.height - len(writer), 0) * files.row_bytes)
        kept = _build(cohort, writer, files, workers, measures)
    intake = _intake(cohort, kept, measures)
    return replace(intake, store=PixelStore(store, framing), notes=(writer.rebuilt,) if writer.rebuilt else ())


def _build(
    cohort: Cohort, writer: StoreWriter, files: StoreFiles, workers: int | None, measures: tuple[Measure, ...]
) -> list[Reading]:
    cache = IntakeCache.load(files.folder, measures)
    saved, kept = len(cache.facts), []
    with _reading(cohort, Known(cache.facts, writer, files.framing, measures, cache.measured), workers) as readings:
        for reading in readings:
            kept.append(replace(reading, framed=None))
            if reading.facts.sha256 is not None:
                cache.add(reading.facts, reading.measured)
                if reading.framed is not None:
                    writer.add(reading.facts.sha256, reading.framed)
            if len(cache.facts) - saved >= SAVED_EVERY:
                writer.flush()
                cache.save()
                saved = len(cache.facts)
    writer.flush()
    cache.save()
    return kept


@contextlib.contextmanager
def _reading(cohort: Cohort, known: Known, workers: int | None) -> Iterator[Iterator[Reading]]:
    cells = cohort.cells.select("id", "path", framed=pl.col("excluded").is_null() & (known.framing is not None))
    requests = (Request(name, cohort.file(path), framed) for name, path, framed in cells.iter_rows())
    with (
        progress("Looking at the pictures", cells.height) as advance,
        contextlib.closing(read_all(requests, known, workers)) as readings,
    ):
        yield _counted(readings, advance)


def _counted(readings: Iterator[Reading], advance: Advance) -> Iterator[Reading]:
    for reading in readings:
        yield reading
        advance(1)


def _intake(cohort: Cohort, readings: list[Reading], measures: tuple[Measure, ...]) -> Intake:
    ids = cohort.cells.select("id")
    pictures = pl.concat([ids, table_of([reading.row() for reading in readings])], how="horizontal")
    measured = {
        measure.name: pl.concat([ids, measure.table([one.measured[place] for one in readings])], how="horizontal")
        for place, measure in enumerate(measures)
    }
    unreadable = pictures.filter(pl.col("problem").is_not_null())
    reasons = unreadable.select("id", reason=pl.lit(UNREADABLE) + pl.col("problem"))
    return Intake(cohort.exclude(reasons), pictures, measured=measured)
