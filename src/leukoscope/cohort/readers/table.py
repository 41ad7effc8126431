"""A table of cells, csv or parquet, and optionally one of patients."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from leukoscope.cohort.cohort import CELL_COLUMNS, Cohort
from leukoscope.cohort.readers import options
from leukoscope.cohort.readers.listing import Listing
from leukoscope.cohort.readers.patient_table import (
    FIRST_ROW,
    clean,
    patients_from_cells,
    read_patients,
    renamed,
    whole_numbers,
)
from leukoscope.cohort.readers.reader import Description, Option, Reader
from leukoscope.cohort.readers.rows import as_numbers, mixed_note, mixed_patients, stated, trimmed
from leukoscope.cohort.readers.table_faults import gaps, with_exclusions
from leukoscope.cohort.readers.words import listed
from leukoscope.errors import DataError, SettingsError
from leukoscope.files import TABLE_ENDINGS

MAPPED = (*CELL_COLUMNS, "patient_label")

DESCRIPTION = Description(
    title="Any pictures that a table lists",
    contents="One row a cell, in csv or parquet; a second table may hold the patients with labels and facts.",
    layout=(
        "A table with the columns id, path, label, patient, place (any but id or path may be missing; other names are "
        "mapped with the option columns); paths are relative to the table's folder."
    ),
)


def recognises(_listing: Listing) -> bool:
    """No folder is this layout; a path that is a csv or parquet file is."""
    return False


def read(
    path: Path,
    *,
    columns: object = None,
    patients: object = None,
    patient_columns: object = None,
    classes: object = None,
    positive: object = None,
    root: object = None,
) -> Cohort:
    """Read the cells that a table lists; no picture is opened, but a file that is missing is found.

    Args:
        path: The csv or parquet file.
        columns: Mapping from our names (``id``, ``path``, ``label``, ``patient``, ``place``, ``source``, ``excluded``,
            ``patient_label``) to the table's. One of ``id`` and ``path`` must be there; each serves for the other.
        patients: A second table with ``patient`` and, where known, ``label`` and facts.
        patient_columns: Mapping from our names to the second table's.
        classes: The class names in order; those in the table, sorted, where not given. Rows of any other label are
            excluded.
        positive: The positive one of two classes.
        root: The folder that paths are relative to; the table's own where not given.

    Returns:
        The cohort, named after the file. Further columns of the table are kept, as numbers where they are. Rows whose
        file is missing, whose label is NaN or no class, or whose file stands on an earlier row are excluded; an empty
        label is an unknown class. If no file is there but the column ``sha256`` is, the hashes stand for the pictures.

    Raises:
        DataError: no such table, a column missing, no rows, a row without id, an id on two rows, a patient with two
            labels, fewer than two classes.
        SettingsError: an option's value is wrong.
    """
    _require_table(path)
    base = path.parent if root is None else options.beside(root, path.parent, "root")
    order = options.names(classes, "classes")
    cells = _cells(path, options.mapping(columns, "columns", MAPPED))
    people = _people(cells, path, patients, options.mapping(patient_columns, "patient_columns"))
    cells = with_exclusions(cells, base, order)
    _require_usable(cells, path)
    found = pl.concat([cells.filter(pl.col("excluded").is_null())["label"], people["label"]])
    made, notes = options.classes_of(found.drop_nulls().unique(), order, positive, path)
    notes += gaps(cells, people, path.name)
    if made.binary and not people["label"].drop_nulls().len():  # a patient's own label may differ from its cells'
        notes += mixed_note(mixed_patients(cells))
    kept = cells.drop("row", "patient_label", strict=False)
    return Cohort(path.stem, base, kept, people, made, tuple(notes))


def _require_table(path: Path) -> None:
    if path.is_dir():
        tables = sorted(entry.name for entry in path.iterdir() if entry.suffix.lower() in TABLE_ENDINGS)
        raise DataError(
            "The reader 'table' needs a csv or parquet file, and this is a folder.",
            where=str(path),
            do=f"Name the table itself; here: {listed(tables) or 'none'}.",
        )


def _cells(path: Path, columns: dict[str, str]) -> pl.DataFrame:
    """Read the rows under our names, as text where they are ours, each with its row's number."""
    table = renamed(path, columns, ())
    if "id" not in table.columns and "path" not in table.columns:
        raise DataError(
            f"The table has neither a column 'id' nor a column 'path'; it has: {', '.join(table.columns)}.",
            where=str(path),
            do="Say with the option columns what they are called: columns={path: NAME}.",
        )
    ours = [name for name in MAPPED if name in table.columns]
    table = as_numbers(table, [name for name in table.columns if name not in ours])
    special = {"label": clean("label"), "patient": whole_numbers(stated("patient"))}
    plain = [special.get(name, trimmed(name)) for name in ours]
    table = table.with_columns(*plain).with_row_index("row", FIRST_ROW)
    absent = [pl.lit(None, pl.String).alias(name) for name in CELL_COLUMNS if name not in table.columns]
    if "path" not in table.columns:
        table = table.with_columns(path=pl.col("id"))
    if "id" not in table.columns:
        table = table.with_columns(id=pl.col("path").str.replace(r"\.[^./\\]*$", ""))
    table = table.with_columns(*(name for name in absent if name.meta.output_name() not in ("id", "path")))
    _refuse_bad_ids(table, path)
    return table.with_columns(source=pl.coalesce("source", pl.lit(path.stem)))


def _require_usable(cells: pl.DataFrame, path: Path) -> None:
    if cells["excluded"].null_count() == 0:
        raise DataError(
            f"No row of this table can be used. The first: {cells['excluded'][0]}.",
            where=f"{path}, row {cells['row'][0]}",
            more=cells.height - 1,
            do="Say which column holds the paths, and what they are relative to: columns={path: NAME}, root=FOLDER.",
        )


def _refuse_bad_ids(table: pl.DataFrame, path: Path) -> None:
    nameless = table.filter(pl.col("id").is_null())["row"]
    if nameless.len():
        raise DataError(
            "A row has no id.",
            where=f"{path}, row {nameless[0]}",
            more=nameless.len() - 1,
            do="Fill it in, or take the row out.",
        )
    again = table.filter(~pl.col("id").is_first_distinct())
    if again.height:
        name = again["id"][0]
        first = table.filter(pl.col("id") == name)["row"]
        raise DataError(
            f"The id {name!r} stands on two rows.",
            where=f"{path}, rows {first[0]} and {first[1]}",
            more=again.height - 1,
            do="Make them different, or take one out.",
        )


def _people(cells: pl.DataFrame, path: Path, patients: object, columns: dict[str, str]) -> pl.DataFrame:
    if patients is not None:
        if not cells["patient"].drop_nulls().len():
            raise DataError(
                "A table of patients was given, but no cell names its patient (column 'patient').",
                where=str(path),
                do="Say with the option columns what it is called: columns={patient: NAME}.",
            )
        return read_patients(options.beside(patients, path.parent, "patients"), columns)
    if columns:
        raise SettingsError("The option patient_columns needs the option patients, the table that it speaks of.")
    if "patient_label" in cells.columns:
        return patients_from_cells(cells, path)
    return pl.DataFrame(schema={"patient": pl.String, "label": pl.String})


READER = Reader(
    "table",
    read,
    recognises,
    DESCRIPTION,
    (
        Option("columns", "Our column names to the table's: {id: file, label: class}."),
        Option("patients", "A second table, one row a patient: patient, label, age, sex, lymphocyte_count, ..."),
        Option("patient_columns", "Our column names to the second table's."),
        Option("classes", "The class names in order; those in the table, sorted, where not given."),
        Option("positive", "The positive one of two classes."),
        Option("root", "The folder that paths are relative to; the table's own where not given."),
    ),
    "table",
)
