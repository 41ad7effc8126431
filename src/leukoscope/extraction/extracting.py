"""Fields to a folder of cells: the order of the steps, and what is written."""

from __future__ import annotations

import importlib.metadata
import time
from dataclasses import replace
from pathlib import Path

import polars as pl

from leukoscope.errors import DataError, SettingsError, counted
from leukoscope.extraction.expected import expected_side
from leukoscope.extraction.extraction import FIELDS, RECORD, Extraction
from leukoscope.extraction.measuring import common_red_cell
from leukoscope.extraction.searching import Search, Task, search_all
from leukoscope.extraction.sheets import write_sheets
from leukoscope.extraction.sources import Fields, Source, fields_of
from leukoscope.extraction.squares import LARGEST, SMALLEST, Cutting, Masking
from leukoscope.extraction.tables import Writer
from leukoscope.files import replacing_folder, write_json
from leukoscope.pictures.white_cells import finder
from leukoscope.progress import progress

FORMAT = 1
VIEW = 4.0
"""Red cells across a square, where neither size nor bundle says how large it is: about what single-cell sets show."""
WITHOUT_RULER = 128
ON_SHEET = 24


def extract(
    fields: Source,
    out: Path | str,
    *,
    size: int | None = None,
    bundle: Path | str | None = None,
    scale: float = 1.0,
    mask: Masking | None = None,
    backend: str = "colour",
    red_cell: float | None = None,
    whole: bool = False,
    by_folder: bool = False,
    workers: int | None = None,
) -> Extraction:
    """Find the white cells of whole fields, cut a square about each, and write them as a data set.

    The folder gets ``cells.csv`` (a row a cell: its picture, its field, its box there; the reader ``table`` takes it),
    ``fields.csv`` (a row a field: how many cells, or why it could not be searched), ``pictures/``, ``fields.png`` (up
    to 24 fields with boxes), ``cells.png``, and ``extract.json``. The memory is that of a few fields.

    Args:
        fields: A cohort, the path of a folder (searched with all that lies in it) or of a picture, or several pictures.
        out: The folder; new, empty, or with an earlier extraction, which is replaced.
        size: Side of the squares in px; else what the bundle cuts out of the middle; else four red cells.
        bundle: A bundle's folder, whose framing says how large the squares are to be.
        scale: Px of a square for each px of the field: 0.5 halves the magnification.
        mask: Show the ``nucleus`` or the ``cell`` alone, on black; None: everything.
        backend: ``colour``, or ``cellpose`` where it is installed.
        red_cell: Diameter of a red cell in px of the fields; measured where None.
        whole: Leave out the cells that a field's edge cuts off.
        by_folder: Whether each folder within the folder is a patient.
        workers: Threads; one a core where None.

    Raises:
        DataError: there is no field, or none of them can be searched.
        SettingsError: a value out of range, Cellpose is not installed, or the folder holds something else.
        BundleError: it is no bundle.
    """
    started, out = time.monotonic(), Path(out)
    refuse_other(out)
    refuse_within(out, fields)
    find, known = finder(backend), fields_of(fields, by_folder=by_folder)
    side = size if size is not None or bundle is None else expected_side(Path(bundle))
    _refuse_values(side, scale, red_cell)
    tried = known.table.filter(pl.col("problem").is_null())
    said = None
    if red_cell is None:
        red_cell, said = common_red_cell([known.file(path) for path in tried["path"]])
    cutting = Cutting(side or default_side(red_cell, scale), scale, mask)
    at_once = workers if backend == "colour" else 1  # a network uses all cores by itself
    found = _write(known, out, Search(find, red_cell, cutting), whole=whole, workers=at_once)
    notes = (*known.notes, *_notes(red_cell, cutting, bundle, side))
    warnings = (*([said] if said else []), *found.warnings)
    return replace(found, seconds=time.monotonic() - started, notes=notes, warnings=warnings)


def refuse_other(out: Path) -> None:
    """Refuse a folder that holds anything but an earlier extraction; one that is new or empty is fine.

    Args:
        out: The folder.

    Raises:
        SettingsError: it holds something else, or is a file.
    """
    if out.is_dir() and not (out / RECORD).is_file() and any(out.iterdir()):
        raise SettingsError(
            "This folder holds something else than extracted cells.", where=str(out), do="Name another --out."
        )
    if out.is_file():
        raise SettingsError("A folder is needed here, and this is a file.", where=str(out), do="Name another --out.")


def refuse_within(out: Path, fields: Source) -> None:
    """Refuse a folder within the one that is searched: the next search would take its cells for fields.

    Args:
        out: The folder.
        fields: What is searched.

    Raises:
        SettingsError: it lies there.
    """
    if (
        isinstance(fields, str | Path)
        and Path(fields).is_dir()
        and out.resolve().is_relative_to(Path(fields).resolve())
    ):
        raise SettingsError(
            "The cells would be written among the fields that are searched.",
            where=str(out),
            do="Name an --out that lies elsewhere.",
        )


def _refuse_values(side: int | None, scale: float, red_cell: float | None) -> None:
    """Refuse what would only come to light after the fields have been measured."""
    Cutting(SMALLEST if side is None else side, scale)
    if red_cell is not None and not red_cell >= 1:
        raise SettingsError(f"A red cell is 1 px wide or more, not {red_cell:g}.")


def default_side(red_cell: float | None, scale: float = 1.0) -> int:
    """Return the side of squares, px, where nothing says how large they are to be.

    Args:
        red_cell: Diameter of a red cell in px of the field; None where it is not known.
        scale: Px of a square for each px of the field.
    """
    if red_cell is None:
        return WITHOUT_RULER
    return int(min(max(round(VIEW * red_cell * scale / 2) * 2, SMALLEST), LARGEST))


def _write(known: Fields, out: Path, search: Search, *, whole: bool, workers: int | None) -> Extraction:
    rows = known.table.rows(named=True)
    tried = [row for row in rows if row["problem"] is None]
    every = max(-(-len(tried) // ON_SHEET), 1)
    tasks = (Task(known.file(row["path"]), shown=place % every == 0) for place, row in enumerate(tried))
    with replacing_folder(out) as folder, progress("Looking for white cells", len(tried)) as advance:
        writer = Writer(folder, whole=whole)
        found = search_all(tasks, search, workers)
        for row in rows:
            if row["problem"] is not None:
                writer.pass_over(row)
            else:
                writer.add(row, next(found))
                advance(1)
        _refuse_nothing_searched(writer, known)
        writer.close()
        write_sheets(folder, writer.shown_fields, writer.shown_cells)
        write_json(folder / RECORD, _record(search, writer))
    return _told(out, search, writer)


def _refuse_nothing_searched(writer: Writer, known: Fields) -> None:
    if writer.damaged == writer.fields:
        path, problem = writer.first or ("", "")
        raise DataError(
            f"None of the {counted(writer.fields, 'field')} can be searched. {problem}",
            where=str(known.file(path)),
            more=writer.fields - 1,
        )


def _record(search: Search, writer: Writer) -> dict[str, object]:
    cutting = search.cutting
    return {
        "format": FORMAT,
        "leukoscope": importlib.metadata.version("leukoscope"),
        "size": cutting.size,
        "scale": cutting.scale,
        "mask": cutting.mask,
        "red_cell": search.red_cell,
        "fields": writer.fields,
        "damaged": writer.damaged,
        "cells": writer.cells,
        "cut_off": writer.cut_off,
    }


def _told(out: Path, search: Search, writer: Writer) -> Extraction:
    warnings = []
    if writer.first is not None:
        path, problem = writer.first
        lost = counted(writer.damaged, "field")
        warnings.append(f"{lost} could not be searched ({FIELDS}). {path}: {problem}")
    if not writer.cells:
        warnings.append("No white cell was found.")
    searched = writer.fields - writer.damaged
    size, scale = search.cutting.size, search.cutting.scale
    counts = (searched, writer.cells, writer.cut_off, writer.damaged)
    return Extraction(out, *counts, search.red_cell, size, scale, writer.whole, 0.0, tuple(warnings))


def _notes(red_cell: float | None, cutting: Cutting, bundle: Path | str | None, side: int | None) -> list[str]:
    notes = []
    if red_cell is not None:
        seen = red_cell * cutting.scale
        notes.append(f"Red cells are about {red_cell:.0f} px wide, {seen:.0f} px in the squares of {cutting.size} px.")
    if bundle is not None:
        if side is None:
            notes.append("The bundle takes whole pictures, whatever their size; --size says how much is to be seen.")
        notes.append(
            "The bundle does not say how large cells are to be: its training pictures must show them as large as these "
            "squares do. --scale changes it."
        )
    return notes
