"""A split from a file: a table that says the part of each cell, or of each patient."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.links import LinkedGroups
from leukoscope.cohort.splits.eligible import eligible, kept_together, with_validation
from leukoscope.cohort.splits.split import PARTS, Split
from leukoscope.errors import DataError, counted, nearest
from leukoscope.files import read_table

ROW = "row"
FIRST_ROW = 2
LAST_STEP = r"^.*[/\\]"
ENDING = r"\.[^.]*$"


def from_file(
    cohort: Cohort,
    groups: LinkedGroups,
    *,
    by: str = "patient",
    path: Path | str,
    validation: float = 0.2,
    seed: int = 0,
) -> Split:
    """Divide the cells as a table says.

    Args:
        cohort: The cohort.
        groups: Its linked groups.
        by: What a drawn validation part keeps together: ``patient`` or ``cell``.
        path: A csv or parquet file with the columns ``part`` (train, validation, test) and ``id`` or, instead,
            ``patient``. An id that the cohort does not have is taken as a file name and matched by its stem. Cells
            that the table does not name are in no part, nor are excluded ones and those without label.
        validation: Share of the training cells for validation, drawn in whole groups, where the file has none.
        seed: The seed of that draw.

    Returns:
        The split, not yet checked: ``make_split`` and ``check_split`` do that.

    Raises:
        DataError: the file is missing, lacks a column, or has rows with no part, an unknown part, an unknown cell or
            patient, or one that stands twice.
    """
    by, path = kept_together(cohort, by), Path(path)
    rows, key = _read(path)
    rows = _by_id(rows, cohort, path) if key == "id" else rows.select(pl.col("patient").alias("name"), "part", ROW)
    column = "id" if key == "id" else "patient"
    unknown = rows.join(cohort.cells.select(name=pl.col(column)), on="name", how="anti").sort(ROW)
    _refuse(unknown, path, f"The split names a {_noun(key)} that the data set does not have", "name")
    twice = rows.filter(pl.col("name").is_duplicated() & ~pl.col("name").is_first_distinct()).sort(ROW)
    _refuse(twice, path, f"The split names a {_noun(key)} twice", "name")
    parts = rows.select(pl.col("name").alias(column), "part")
    cells = eligible(cohort, groups, by).drop("part", strict=False).join(parts, on=column, how="inner").sort("id")
    warnings = _left_out(cohort, parts, column)
    cells, drawn = with_validation(cells, cohort, validation=validation, seed=seed)
    return Split(cells.select("id", "group", "part"), "file", by, drawn, warnings=warnings)


def _noun(key: str) -> str:
    return "cell" if key == "id" else key


def _read(path: Path) -> tuple[pl.DataFrame, str]:
    """Return the rows (text, numbered as in the file) and the column that names cells or patients."""
    table = read_table(path, text=True)
    key = next((name for name in ("id", "patient") if name in table.columns), None)
    if key is None or "part" not in table.columns:
        found = ", ".join(table.columns) or "none"
        raise DataError(
            f"A split needs the columns id (or patient) and part; the file's columns: {found}.", where=str(path)
        )
    rows = table.select(pl.col(key, "part").cast(pl.String).str.strip_chars()).with_row_index(ROW, offset=FIRST_ROW)
    for column in (key, "part"):
        _refuse(rows.filter(pl.col(column).fill_null("") == ""), path, f"The {column} is missing")
    wrong = rows.filter(~pl.col("part").is_in(PARTS))
    if wrong.height:
        _refuse(wrong, path, "There is no such part", "part", do=nearest(wrong["part"][0], PARTS))
    return rows, key


def _by_id(rows: pl.DataFrame, cohort: Cohort, path: Path) -> pl.DataFrame:
    """Return the rows with the cohort's id as ``name``: the id itself, or that of the file with this stem."""
    ids = cohort.cells.select("id", found="id")
    rows = rows.join(ids, on="id", how="left", maintain_order="left")
    stems = cohort.cells.select(of_stem="id", stem=_stem("path"))
    stems = stems.filter(
        pl.col("stem").is_in(rows.filter(pl.col("found").is_null()).select(_stem("id"))["id"].implode())
    )
    ambiguous = stems.filter(pl.col("stem").is_duplicated())
    several = rows.filter(pl.col("found").is_null()).join(ambiguous, left_on=_stem("id"), right_on="stem", how="semi")
    _refuse(several, path, "More than one picture has this name", "id", do="Name the cells by their ids.")
    rows = rows.join(stems, left_on=_stem("id"), right_on="stem", how="left", maintain_order="left")
    return rows.select("part", ROW, name=pl.coalesce("found", "of_stem", "id"))


def _stem(column: str) -> pl.Expr:
    return pl.col(column).str.replace(LAST_STEP, "").str.replace(ENDING, "")


def _refuse(rows: pl.DataFrame, path: Path, what: str, column: str | None = None, *, do: str | None = None) -> None:
    """Raise if there are any rows, naming the first of them by a column."""
    if rows.height:
        first = rows.row(0, named=True)
        named = "" if column is None else f": {first[column]}"
        raise DataError(f"{what}{named}.", where=f"{path}, row {first[ROW]}", more=rows.height - 1, do=do)


def _left_out(cohort: Cohort, parts: pl.DataFrame, column: str) -> tuple[str, ...]:
    named = cohort.cells.join(parts.select(column), on=column, how="semi")
    without = cohort.labelled.join(parts.select(column), on=column, how="anti").height
    unusable = named.height - named.filter(pl.col("excluded").is_null() & pl.col("label").is_not_null()).height
    said = []
    if without:
        said.append(f"{counted(without, 'cell')} of the data set left out: the split's file does not name them.")
    if unusable:
        said.append(f"{counted(unusable, 'cell')} of the split's file left out: excluded, or of no known class.")
    return tuple(said)
