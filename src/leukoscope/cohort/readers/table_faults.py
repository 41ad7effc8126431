"""What is wrong with the rows of a table: which are excluded and why, and what they lack."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from leukoscope.cohort.readers.listing import exists
from leukoscope.cohort.readers.rows import NO_VALUE
from leukoscope.cohort.readers.words import SHOWN, listed
from leukoscope.errors import counted


def with_exclusions(cells: pl.DataFrame, base: Path, order: tuple[str, ...] | None) -> pl.DataFrame:
    """Exclude what cannot be used, and say why; a row keeps the first reason.

    Where no file at all is there but the column ``sha256`` is, the rows with a hash are kept; no picture will be
    opened.
    """
    cells = cells.with_columns(pl.col("path").fill_null("").str.replace_all("\\", "/", literal=True))
    there = exists(base, cells["path"])
    if "sha256" in cells.columns and not there.any():  # a table of hashes: they stand for the pictures
        there = cells["sha256"].is_not_null()
    written = pl.concat_str(pl.lit("its label is "), "label", pl.lit(", which is no class"))
    no_class = pl.col("label").str.to_lowercase().is_in(NO_VALUE) if order is None else ~pl.col("label").is_in(order)
    again = ~pl.col("path").is_first_distinct()
    same = pl.concat_str(pl.lit("the file of cell '"), pl.col("id").first().over("path"), pl.lit("' once more"))
    reason = (
        pl.when(pl.col("path") == "")
        .then(pl.lit("no path"))
        .when(~there)
        .then(pl.lit("the file is missing"))
        .when(no_class)
        .then(written)
        .when(again)
        .then(same)
    )
    cells = cells.with_columns(excluded=pl.coalesce("excluded", reason))
    return cells.with_columns(label=pl.when(~no_class).then("label"))


def gaps(cells: pl.DataFrame, people: pl.DataFrame, name: str) -> list[str]:
    """Say how many rows are excluded, or lack a label or a patient, and the first rows of each."""
    kind = pl.col("excluded").str.replace(r"of cell '.*' once", "of another cell once")
    grouped = cells.filter(pl.col("excluded").is_not_null()).group_by(kind, maintain_order=True)
    reasons = grouped.agg(pl.len().alias("rows"), pl.col("row").head(SHOWN + 1).alias("first"))
    notes = [
        f"{name}: {counted(rows, 'row')} excluded, {reason} (row {listed(map(str, first), total=rows)})."
        for reason, rows, first in reasons.head(SHOWN).iter_rows()
    ]
    if reasons.height > SHOWN:
        notes.append(f"{name}: {counted(sum(reasons['rows'][SHOWN:]), 'row')} excluded for other reasons.")
    usable = cells.filter(pl.col("excluded").is_null())
    for column in ("label", "patient"):
        empty = usable.filter(pl.col(column).is_null())["row"]
        if 0 < empty.len() < usable.height:
            found = listed(map(str, empty.head(SHOWN)), total=empty.len())
            notes.append(f"{name}: {counted(empty.len(), 'row')} without {column} (row {found}).")
    return notes + _strangers(usable, people)


def _strangers(usable: pl.DataFrame, people: pl.DataFrame) -> list[str]:
    named = usable["patient"].drop_nulls().unique().sort()
    strangers = named.filter(~named.is_in(people["patient"].implode()))
    if not strangers.len() or not people.height:
        return []
    return [f"Not in the table of patients: {counted(strangers.len(), 'patient')} ({listed(strangers)})."]
