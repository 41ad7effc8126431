"""Cohorts without pictures: what a table of hashes knows of their files stands in the cohort's own columns."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl

from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.readers.hash_tables import read_hashes
from leukoscope.cohort.readers.listing import exists

SCHEMA: dict[str, pl.DataType] = {"id": pl.String(), "sha256": pl.String(), "bytes": pl.Int64()}
NOTE = "A table of hashes: no picture is opened. Identical files are found; what the pictures look like is not known."


def with_hashes(cohort: Cohort, path: Path) -> Cohort:
    """Return a cohort whose rows carry what a table of hashes says of their files.

    Args:
        cohort: What a reader made of the table's paths.
        path: The table of hashes, csv or parquet.

    Returns:
        The cohort with the columns ``sha256`` and ``bytes`` and the table's folder as its root, noting whether
        pictures lie there.
    """
    cells = cohort.cells.drop("sha256", "bytes", strict=False)
    cells = cells.join(read_hashes(path), on="path", how="left", maintain_order="left")
    return noted(replace(cohort, cells=cells, root=path.parent))


def noted(cohort: Cohort) -> Cohort:
    """Return the cohort, with the note that no picture is opened where that is so."""
    return replace(cohort, notes=(NOTE, *cohort.notes)) if without_pictures(cohort) else cohort


def without_pictures(cohort: Cohort) -> bool:
    """Whether hashes are known and not one of the files is there: then the hashes stand for the pictures.

    The cohort's folders are listed, no file is opened; a million rows take about a second.
    """
    if "sha256" not in cohort.cells.columns or cohort.cells["sha256"].null_count() == cohort.cells.height:
        return False
    return not exists(cohort.root, cohort.cells["path"]).any()


def hashes_table(cohort: Cohort) -> pl.DataFrame:
    """Return what is known of the files: ``id``, ``sha256`` (text), ``bytes`` (int64), one row a cell.

    It serves as the table of pictures where there are none: ``identical_pairs`` and ``audit`` take it.

    Args:
        cohort: A cohort whose cells have the column ``sha256``; ``bytes`` is null where there is no such column.
    """
    known = [
        (pl.col(name) if name in cohort.cells.columns else pl.lit(None)).cast(kind).alias(name)
        for name, kind in SCHEMA.items()
    ]
    return cohort.cells.select(known).with_columns(pl.col("sha256").str.to_lowercase())
