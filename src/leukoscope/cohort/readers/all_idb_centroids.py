"""The .xyc files of ALL_IDB1: where the lymphoblasts of a field lie."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from leukoscope.cohort.readers.listing import Listing
from leukoscope.cohort.readers.text_lines import read_lines
from leukoscope.cohort.readers.words import listed
from leukoscope.errors import counted

ENDING = ".xyc"
FOLDER = "xyc"
SCHEMA = {"id": pl.String, "x": pl.Float64, "y": pl.Float64}
AXES = 2


@dataclass(frozen=True)
class Centroids:
    """What the .xyc files say.

    Args:
        table: One row a lymphoblast: ``id`` (of the field), ``x``, ``y`` (float64, pixels from the left and from the
            top, as written).
        files: The paths of the files, relative to the listing's root where they lie beneath it.
        notes: What was noticed.
    """

    table: pl.DataFrame
    files: tuple[str, ...]
    notes: tuple[str, ...]


def read_centroids(listing: Listing, fields: pl.DataFrame) -> Centroids:
    """Read the .xyc files beneath the folder; those beside it where it is the pictures' own.

    Args:
        listing: The files.
        fields: The pictures of ALL_IDB1, columns ``id`` and ``stem``.

    Raises:
        DataError: a file is no text.
    """
    inside = listing.others.filter(pl.col("ending") == ENDING)["path"].to_list()
    beside = listing.root.resolve().parent / FOLDER
    files = [listing.root / path for path in inside] or sorted(beside.glob(f"*{ENDING}"))
    ids = {stem.lower(): name for name, stem in fields.select("id", "stem").iter_rows()}
    rows, strange = list[tuple[str, float, float]](), list[str]()
    for file in files:
        name = ids.get(file.stem.lower())
        points, wrong = _points(file)
        if name is not None:
            rows += [(name, x, y) for x, y in points]
            strange += [f"{file.name} line {line}" for line in wrong]
    away = [file.name for file in files if file.stem.lower() not in ids]
    notes = []
    if away:
        notes.append(f"Centroids of fields that are not here: {counted(len(away), 'file')} ({listed(away)}).")
    if strange:
        notes.append(
            f"Centroids that are no two numbers, left out: {counted(len(strange), 'line')} ({listed(strange)})."
        )
    return Centroids(pl.DataFrame(rows, schema=SCHEMA, orient="row"), tuple(inside), tuple(notes))


def _points(file: Path) -> tuple[list[tuple[float, float]], list[int]]:
    """Return the points of one file, and the numbers of the lines that hold none."""
    points, wrong = list[tuple[float, float]](), list[int]()
    for line, text in enumerate(read_lines(file), start=1):
        numbers = [_number(word) for word in text.split()]
        x, y = numbers if len(numbers) == AXES else (None, None)
        if x is not None and y is not None:
            points.append((x, y))
        elif numbers:
            wrong.append(line)
    return points, wrong


def _number(word: str) -> float | None:
    try:
        value = float(word)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
