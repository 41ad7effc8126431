"""A table of patients: one row each, with a label and facts where they are known."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from leukoscope.cohort.readers.rows import as_numbers, stated, trimmed, with_plain_header
from leukoscope.errors import DataError, nearest
from leukoscope.files import read_table

FIRST_ROW = 2  # rows are counted as a spreadsheet does: the header is row 1


def renamed(path: Path, columns: dict[str, str], wanted: tuple[str, ...]) -> pl.DataFrame:
    """Read a table and give its columns our names.

    Args:
        path: A csv (read as text) or parquet file.
        columns: Our name to the table's; names that are not there stand for themselves.
        wanted: Our columns that must be there.

    Raises:
        DataError: the file cannot be read, has no rows, or lacks a column.
    """
    table = with_plain_header(read_table(path, text=True))
    for ours in dict.fromkeys((*wanted, *columns)):
        theirs = columns.get(ours, ours)
        if theirs not in table.columns:
            raise DataError(
                f"The table has no column {theirs!r}" + (f" (for {ours})." if theirs != ours else "."),
                where=str(path),
                do=f"{nearest(theirs, table.columns)} Say with the option columns what it is called.",
            )
    if not table.height:
        raise DataError("The table has no rows.", where=str(path))
    taken = set(columns.values())
    others = [name for name in table.columns if name not in taken and name not in columns]
    return table.select(*(pl.col(theirs).alias(ours) for ours, theirs in columns.items()), *others)


def read_patients(path: Path, columns: dict[str, str]) -> pl.DataFrame:
    """Read a table of patients: ``patient``, ``label`` (null where it has none), and facts as numbers where they are.

    Args:
        path: A csv or parquet file.
        columns: Our name to the table's.

    Raises:
        DataError: no column for the patient, a row without one, a patient on two rows that differ.
    """
    table = renamed(path, columns, ("patient",))
    table = table if "label" in table.columns else table.with_columns(label=pl.lit(None, pl.String))
    rows = table.with_columns(whole_numbers(stated(name)) for name in ("patient", "label"))
    rows = rows.with_row_index("row", FIRST_ROW)
    nameless = rows.filter(pl.col("patient").is_null())["row"]
    if nameless.len():
        raise DataError(
            "A row names no patient.",
            where=f"{path}, row {nameless[0]}",
            more=nameless.len() - 1,
            do="Fill it in, or take the row out.",
        )
    rows = rows.unique([name for name in rows.columns if name != "row"], keep="first", maintain_order=True)
    _refuse_two_labels(rows, path)
    again = rows.filter(~pl.col("patient").is_first_distinct())
    if again.height:
        row, patient = again.select("row", "patient").row(0)
        raise DataError(
            f"Patient {patient!r} stands on two rows that differ.",
            where=f"{path}, row {row}",
            more=again.height - 1,
            do="Keep the right one.",
        )
    return as_numbers(rows.drop("row"), [name for name in table.columns if name not in ("patient", "label")])


def patients_from_cells(cells: pl.DataFrame, path: Path) -> pl.DataFrame:
    """Make the patients' table of a cells' table that repeats each patient's label in ``patient_label``.

    Raises:
        DataError: a patient has two different labels.
    """
    rows = cells.select("patient", "row", label=whole_numbers(stated("patient_label")))
    rows = rows.filter(pl.col("patient").is_not_null() & pl.col("label").is_not_null())
    rows = rows.unique(["patient", "label"], keep="first", maintain_order=True)
    _refuse_two_labels(rows, path)
    return rows.select("patient", "label")


def whole_numbers(values: pl.Expr) -> pl.Expr:
    """Return text with ``1.0`` as ``1``: what a whole number becomes in a column that also holds gaps."""
    return values.str.replace(r"^(\d+)\.0$", "${1}")


def clean(column: str) -> pl.Expr:
    """Return a column as trimmed text with whole numbers as such; null where nothing is left."""
    return whole_numbers(trimmed(column))


def _refuse_two_labels(rows: pl.DataFrame, path: Path) -> None:
    several = rows.filter(pl.col("label").n_unique().over("patient") > 1)
    if several.height:
        patient = several["patient"][0]
        own = several.filter(pl.col("patient") == patient)
        raise DataError(
            f"Patient {patient!r} has two labels, {own['label'][0]!r} and {own['label'][1]!r}.",
            where=f"{path}, rows {own['row'][0]} and {own['row'][1]}",
            more=several["patient"].n_unique() - 1,
            do="Keep the right one.",
        )
