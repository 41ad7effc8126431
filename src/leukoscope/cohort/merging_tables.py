"""The tables of two cohorts put into one: names that cannot meet, files named from one folder, columns of both."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import polars as pl

from leukoscope.cohort.cohort import Cohort
from leukoscope.errors import DataError

FILES = ("path", "mask")


def prefixed(cohort: Cohort, prefix: str) -> Cohort:
    """Return a cohort whose ids, patients and places begin with a prefix, without patients of whom no cell is left.

    Args:
        cohort: The cohort; its marks and known links are renamed with it.
        prefix: Stands before each name, with ``/`` between; null stays null.
    """
    known = cohort.patients.filter(pl.col("patient").is_in(cohort.cells["patient"].drop_nulls().implode()))
    return replace(
        cohort,
        cells=_renamed(cohort.cells, prefix, "id", "patient", "place"),
        patients=_renamed(known, prefix, "patient"),
        tables={name: _renamed(table, prefix, "id") for name, table in cohort.tables.items()},
        patient_links=_renamed(cohort.patient_links, prefix, "patient_a", "patient_b"),
    )


def under_one_root(base: Cohort, other: Cohort) -> tuple[Cohort, Cohort]:
    """Return both cohorts under the folder above both roots, their files named from there.

    What lies together can so be moved together. Two disks have no folder above both: then the base's root stays, and
    the other's files get absolute paths.
    """
    roots = [cohort.root.resolve() for cohort in (base, other)]
    if roots[0].drive != roots[1].drive:
        return base, _from(other, base.root, roots[1].as_posix())
    common = Path(os.path.commonpath(roots))
    below = [root.relative_to(common).as_posix() for root in roots]
    return _from(base, common, below[0]), _from(other, common, below[1])


def refuse_shared_names(base: Cohort, added: Cohort) -> None:
    """Refuse two cohorts that name a cell or a patient alike.

    Raises:
        DataError: they do; the first name is given.
    """
    for column, noun in (("id", "cell"), ("patient", "patient")):
        shared = added.cells[column].drop_nulls().unique(maintain_order=True)
        shared = shared.filter(shared.is_in(base.cells[column].drop_nulls().implode()))
        if shared.len():
            raise DataError(
                f"Both cohorts have a {noun} of this name.",
                where=shared[0],
                more=shared.len() - 1,
                do="Give what is added another prefix; a data set that was added already cannot be added again.",
            )


def joined(one: pl.DataFrame, other: pl.DataFrame, prefix: str) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Return the rows of two tables under the columns of both, null where one has none.

    Args:
        one: Any table.
        other: Another; a column whose kind differs (text and numbers, say) goes by ``prefix_column``.
        prefix: Stands before such a column's name.

    Returns:
        The table, and the columns of the other that had to be renamed.
    """
    clashes = {
        name: f"{prefix}_{name}"
        for name, kind in other.schema.items()
        if name in one.columns and not _alike(kind, one.schema[name])
    }
    return pl.concat([one, other.rename(clashes)], how="diagonal_relaxed"), tuple(clashes)


def joined_marks(base: Cohort, added: Cohort, prefix: str) -> dict[str, pl.DataFrame]:
    """Return the tables of marks of two cohorts, name by name."""
    marks = dict(base.tables)
    for name, table in added.tables.items():
        marks[name] = joined(marks[name], table, prefix)[0] if name in marks else table
    return marks


def _alike(one: pl.DataType, other: pl.DataType) -> bool:
    return one == other or (one.is_numeric() and other.is_numeric()) or pl.Null in (one, other)


def _renamed(table: pl.DataFrame, prefix: str, *columns: str) -> pl.DataFrame:
    return table.with_columns(pl.format("{}/{}", pl.lit(prefix), name).alias(name) for name in columns)


def _from(cohort: Cohort, root: Path, folder: str) -> Cohort:
    """Return the cohort with another root, under which its files lie in ``folder``."""
    if folder == ".":
        return replace(cohort, root=root)
    absolute = r"^(?:/|[A-Za-z]:)"
    columns = [name for name in FILES if name in cohort.cells.columns]
    cells = cohort.cells.with_columns(
        pl.when(pl.col(name).str.contains(absolute)).then(name).otherwise(pl.format("{}/{}", pl.lit(folder), name))
        for name in columns
    )
    return replace(cohort, root=root, cells=cells)
