"""A table that lists pictures to predict: a path a row, and what else is known of the cell and its patient."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from leukoscope.cohort.readers.names import names_of
from leukoscope.errors import DataError, counted
from leukoscope.files import read_table
from leukoscope.predictions.columns import NAMES

FIRST_ROW = 2  # row 1 of a csv is its header
PATHS = ("path", "file", "filename", "file_name", "picture", "image")
ROLES = {"path": PATHS, "id": ("id",), "patient": NAMES["patient"], "label": NAMES["label"]}
ROLES |= {"patient_label": ("patient_label",)}
NO_PICTURE = "This row of the table names no picture."


def read_picture_table(path: Path) -> pl.DataFrame:
    """Read a table of pictures; none is opened.

    Columns are found by name in either case: ``path`` (also ``file``, ``filename``, ``picture``, ``image``), ``id``,
    ``patient``, ``label``, ``patient_label``. A csv's fields are read as text, so that ``007`` stays ``007``.

    Args:
        path: The table, csv or parquet.

    Returns:
        One row a picture: ``id`` (unique; as of ``names_of`` where the table has none), ``path`` (relative to
        the table's folder), ``patient``, ``label``, ``patient_label``, ``problem`` (why it is not even tried; else
        null), all text; and the table's further columns as they are.

    Raises:
        DataError: the table is damaged, has no column of paths or no row, or an id or a path stands on two rows.
    """
    table = read_table(path, text=True)
    lower = {name.strip().lower(): name for name in reversed(table.columns)}
    roles = {role: found for role, names in ROLES.items() if (found := _first(names, lower)) is not None}
    if "path" not in roles:
        raise DataError(
            f"The table names no pictures; its columns: {', '.join(table.columns)}.",
            where=str(path),
            do="Name the pictures' files in a column path, relative to the table.",
        )
    if not table.height:
        raise DataError("The table of pictures has no row.", where=str(path))
    table = table.rename({found: role for role, found in roles.items()})
    table = table.with_columns(_text(role) if role in roles else pl.lit(None, pl.String).alias(role) for role in ROLES)
    return _identified(table, path)


def facts_in_table(table: pl.DataFrame, inputs: Sequence[str], where: Path) -> pl.DataFrame:
    """Return the patients of a table of pictures, with their facts.

    Args:
        table: From ``read_picture_table``.
        inputs: The facts that are wanted; those that the table has not are passed over.
        where: The table's path.

    Returns:
        One row a patient, in order of appearance: ``patient``, ``label`` (the patient's own), and the facts.

    Raises:
        DataError: no row names a patient, or a patient has two values of a fact or two labels.
    """
    named = table.filter(pl.col("patient").is_not_null()).with_columns(label="patient_label")
    if not named.height:
        what = "The table names no patients, and the bundle diagnoses patients."
        raise DataError(what, where=str(where), do="Name them in a column patient.")
    lower = {name.strip().lower(): name for name in reversed(table.columns)}
    there = {name: lower[name.lower()] for name in inputs if name.lower() in lower}
    named = named.rename({found: name for name, found in there.items() if found != name})
    known = ["label", *there]
    for name in known:
        _refuse_two(named, name, where)
    first = [pl.col(name).drop_nulls().first() for name in known]
    return named.group_by("patient", maintain_order=True).agg(first)


def _identified(table: pl.DataFrame, path: Path) -> pl.DataFrame:
    row = pl.int_range(FIRST_ROW, pl.len() + FIRST_ROW).cast(pl.String)
    problem = pl.when(pl.col("path").is_null()).then(pl.lit(NO_PICTURE))
    names = (pl.col("id"), names_of(table["path"]), pl.concat_str(pl.lit("row "), row))
    table = table.with_columns(pl.coalesce(*names).alias("id"))
    for name in ("id", "path"):
        _refuse_repeats(table[name], path)
    return table.with_columns(problem.alias("problem"), pl.col("path").fill_null(""))


def _text(name: str) -> pl.Expr:
    text = pl.col(name).cast(pl.String).str.strip_chars()
    return pl.when(text != "").then(text).alias(name)


def _refuse_repeats(values: pl.Series, path: Path) -> None:
    again = (values.is_not_null() & ~values.is_first_distinct()).arg_true()
    if len(again):
        name = values[again[0]]
        first = (values == name).fill_null(value=False).arg_true()[0]
        raise DataError(
            f"The {values.name} {name!r} stands on two rows.",
            where=f"{path}, rows {first + FIRST_ROW} and {again[0] + FIRST_ROW}",
            more=len(again) - 1,
            do="Make them different, or take one out.",
        )


def _refuse_two(named: pl.DataFrame, name: str, where: Path) -> None:
    found = named.group_by("patient", maintain_order=True).agg(pl.col(name).drop_nulls().unique(maintain_order=True))
    wrong = found.filter(pl.col(name).list.len() > 1)
    if wrong.height:
        patient, values = wrong.row(0)
        raise DataError(
            f"Patient {patient!r} has {counted(len(values), 'value')} of {name}: {', '.join(map(str, values))}.",
            where=str(where),
            more=wrong.height - 1,
            do="Write the same on each of the patient's rows.",
        )


def _first(names: Sequence[str], lower: dict[str, str]) -> str | None:
    return next((lower[name] for name in names if name in lower), None)
