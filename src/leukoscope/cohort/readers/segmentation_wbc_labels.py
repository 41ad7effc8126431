"""The two csv files of segmentation_WBC that say the classes; their headers differ."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from leukoscope.cohort.readers.listing import Listing
from leukoscope.cohort.readers.rows import require_columns, stated, with_plain_header
from leukoscope.cohort.readers.words import listed
from leukoscope.errors import counted
from leukoscope.files import read_table

NAME = r"^class labels of dataset ([12])\.csv$"
NUMBER, CODE = "image id", "class"
OTHER_CODE = "class label"
FIRST_ROW = 2
SCHEMA = {"place": pl.String, "number": pl.Int64, "code": pl.String, "several": pl.Boolean}


@dataclass(frozen=True)
class Labels:
    """What the csv files say.

    Args:
        table: One row a picture: ``place`` (``dataset_1``), ``number`` (int64), ``code`` (as written, ``1`` to ``5``;
            null where it is empty), ``several`` (whether its rows contradict each other).
        files: The paths of the csv files, relative to the listing's root where they lie beneath it.
        notes: What was noticed.
    """

    table: pl.DataFrame
    files: tuple[str, ...]
    notes: tuple[str, ...]


def read_labels(listing: Listing) -> Labels:
    """Find and read the csv files: beneath the folder, or beside it where it is Dataset 1 or Dataset 2 itself.

    Raises:
        DataError: a csv is damaged or lacks a column.
    """
    found = listing.others.select("path", "name").iter_rows()
    inside = [path for path, name in found if re.match(NAME, name, re.IGNORECASE)]
    root = listing.root.resolve()
    own = f"class labels of {root.name.lower()}.csv"
    beside = [entry for entry in sorted(root.parent.iterdir()) if entry.name.lower() == own] if not inside else []
    tables, notes = [pl.DataFrame(schema=SCHEMA)], list[str]()
    for file in [*(listing.root / path for path in inside), *beside]:
        rows, strange = _read(file)
        tables.append(rows)
        notes += strange
    return Labels(pl.concat(tables), tuple(inside), tuple(notes))


def _read(file: Path) -> tuple[pl.DataFrame, list[str]]:
    table = with_plain_header(read_table(file, text=True))
    table = table.rename({name: name.lower() for name in table.columns})
    table = table.rename({OTHER_CODE: CODE}) if CODE not in table.columns and OTHER_CODE in table.columns else table
    require_columns(table, (NUMBER, CODE), "labels csv", file)
    number = stated(NUMBER).str.replace(r"(?i)\.bmp$", "").cast(pl.Int64, strict=False)
    rows = table.select(place=pl.lit(_place(file)), number=number, code=stated(CODE))
    strange = rows.with_row_index("row", FIRST_ROW).filter(pl.col("number").is_null())["row"]
    rows = rows.filter(pl.col("number").is_not_null()).unique(maintain_order=True)
    rows = rows.with_columns(several=pl.col("number").is_duplicated()).unique(
        "number", keep="first", maintain_order=True
    )
    if not strange.len():
        return rows, []
    named = listed(map(str, strange))
    return rows, [f"{file.name}: without the number of a picture: {counted(strange.len(), 'row')} (row {named})."]


def _place(file: Path) -> str:
    number = re.match(NAME, file.name, re.IGNORECASE)
    return f"dataset_{number[1] if number else ''}"
