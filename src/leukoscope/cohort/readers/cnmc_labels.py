"""The csv that names the preliminary pictures of C-NMC: subject and class of each number."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from leukoscope.cohort.readers.listing import PICTURE_ENDINGS, Listing
from leukoscope.cohort.readers.rows import require_columns, trimmed, with_plain_header
from leukoscope.cohort.readers.words import listed
from leukoscope.errors import counted
from leukoscope.files import read_table

NAMES = ("c-nmc_test_prelim_phase_data_labels.csv", "phase2.csv")
COLUMNS = ("Patient_ID", "new_names", "labels")
MEANING = {"1": "all", "0": "hem", "1.0": "all", "0.0": "hem", "all": "all", "hem": "hem"}
SCHEMA = {"number": pl.String, "csv_name": pl.String, "csv_label": pl.String, "csv_excluded": pl.String}


@dataclass(frozen=True)
class PreliminaryLabels:
    """What the labels csv says.

    Args:
        table: One row a picture: ``number`` (its name without the ending), ``csv_name`` (its first name, which tells
            the subject), ``csv_label`` (``all``, ``hem``, null where it is neither), ``csv_excluded`` (why the row must
            not be used).
        files: The paths of the csv files, relative to the listing's root where they lie beneath it.
        notes: What was noticed.
    """

    table: pl.DataFrame
    files: tuple[str, ...]
    notes: tuple[str, ...]


def preliminary_labels(listing: Listing) -> PreliminaryLabels:
    """Find and read the labels csv: beneath the folder, or beside it where it is the pictures' own.

    Raises:
        DataError: a csv is damaged or lacks a column.
    """
    inside = listing.others.filter(pl.col("name").str.to_lowercase().is_in(list(NAMES)))["path"].to_list()
    files = [listing.root / path for path in inside]
    if not files:
        parent = listing.root.resolve().parent
        named = listing.root.resolve().name.lower()
        files = [parent / entry.name for entry in sorted(parent.iterdir()) if entry.name.lower() in _beside(named)]
    tables, notes = [pl.DataFrame(schema=SCHEMA)], list[str]()
    for file in files:
        rows, strange = _read(file)
        tables.append(rows)
        notes += strange
    return PreliminaryLabels(_without_repeats(pl.concat(tables)), tuple(inside), tuple(notes))


def _beside(folder: str) -> tuple[str, ...]:
    return tuple(name for name in NAMES if name.removesuffix(".csv").removesuffix("_labels") == folder)


def _read(file: Path) -> tuple[pl.DataFrame, list[str]]:
    table = with_plain_header(read_table(file, text=True))
    require_columns(table, COLUMNS, "labels csv", file)
    ending = r"(?i)(?:" + "|".join(ending.replace(".", r"\.") for ending in PICTURE_ENDINGS) + ")$"
    rows = table.select(trimmed(column) for column in COLUMNS).select(
        number=pl.col("new_names").str.replace(ending, ""),
        csv_name=pl.col("Patient_ID").str.replace(ending, ""),
        csv_label=pl.col("labels").str.to_lowercase().replace_strict(MEANING, default=None, return_dtype=pl.String),
    )
    unnamed = pl.when(pl.col("csv_name").is_null()).then(pl.lit("its row in the labels csv names no subject"))
    rows = rows.with_columns(csv_excluded=unnamed.cast(pl.String))
    strange = rows.with_row_index("row", 2).filter(pl.col("csv_label").is_null() | pl.col("number").is_null())["row"]
    if not strange.len():
        return rows, []
    found = listed(map(str, strange))
    note = f"{file.name}: without a name or a label of 0 or 1: {counted(strange.len(), 'row')} (row {found})."
    return rows.filter(pl.col("number").is_not_null()), [note]


def _without_repeats(rows: pl.DataFrame) -> pl.DataFrame:
    """Keep one row a picture; where its rows differ, say so in ``csv_excluded``."""
    different = rows.unique(maintain_order=True)
    several = pl.when(pl.col("number").is_duplicated()).then(pl.lit("its rows in the labels csv contradict each other"))
    marked = different.with_columns(csv_excluded=pl.coalesce(several, "csv_excluded"))
    return marked.unique("number", keep="first", maintain_order=True)
