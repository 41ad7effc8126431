"""The file annotations.dat of the Munich AML set: each cell's class, and two further readings of some cells."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from leukoscope.cohort.readers.listing import Listing
from leukoscope.cohort.readers.rows import stated
from leukoscope.cohort.readers.text_lines import read_lines
from leukoscope.cohort.readers.words import listed
from leukoscope.errors import counted

NAME = "annotations.dat"
FIELDS = ("file", "annotation", "reannotation_1", "reannotation_2")
STEM = r"([^/\\]+?)(?:\.[^./\\]*)?$"


@dataclass(frozen=True)
class Annotations:
    """What annotations.dat says.

    Args:
        table: One row a picture: ``stem`` (its name without the ending), ``annotation``, ``reannotation_1``,
            ``reannotation_2`` (a class, ``UNC`` where none could be given, null where the cell was not looked at
            again), ``several`` (whether its lines contradict each other).
        files: The paths of the files, relative to the listing's root where they lie beneath it.
        notes: What was noticed.
    """

    table: pl.DataFrame
    files: tuple[str, ...]
    notes: tuple[str, ...]


def read_annotations(listing: Listing) -> Annotations:
    """Find and read annotations.dat: beneath the folder, or beside it where it is one of the class folders.

    A line is ``BAS/BAS_0001.tiff BAS nan nan``: the picture, its class, two re-annotations.

    Raises:
        DataError: a file is no text.
    """
    inside = listing.others.filter(pl.col("name").str.to_lowercase() == NAME)["path"].to_list()
    beside = listing.root.resolve().parent / NAME
    files = [listing.root / path for path in inside] or ([beside] if beside.is_file() else [])
    lines = pl.DataFrame({"line": [line for file in files for line in read_lines(file)]}, schema={"line": pl.String})
    fields = pl.col("line").str.extract_all(r"\S+")
    whole = fields.list.len() == len(FIELDS)
    said = lines.filter(whole).select(fields.list.get(place).alias(name) for place, name in enumerate(FIELDS))
    strange = lines.with_row_index("row", 1).filter(~whole & (pl.col("line") != ""))["row"]
    notes = []
    if strange.len():
        found = listed(map(str, strange))
        notes.append(f"{NAME}: without the four entries of a line: {counted(strange.len(), 'line')} (line {found}).")
    return Annotations(_one_a_picture(said), tuple(inside), tuple(notes))


def _one_a_picture(said: pl.DataFrame) -> pl.DataFrame:
    stem = pl.col("file").str.extract(STEM).str.to_uppercase().alias("stem")
    rows = said.select(stem, *map(stated, FIELDS[1:]))
    rows = rows.unique(maintain_order=True).with_columns(several=pl.col("stem").is_duplicated())
    return rows.unique("stem", keep="first", maintain_order=True)
