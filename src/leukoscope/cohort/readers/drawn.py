"""A cohort that Leukoscope drew: cells.csv, patients.csv and classes.json beside pictures/."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl

from leukoscope.cohort.classes import Classes
from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.known_groups import OF_DRAWN
from leukoscope.cohort.readers import table
from leukoscope.cohort.readers.listing import Listing, require_folder
from leukoscope.cohort.readers.reader import Description, Reader
from leukoscope.errors import DataError
from leukoscope.files import read_json

CELLS, PATIENTS, CLASSES = "cells.csv", "patients.csv", "classes.json"

DESCRIPTION = Description(
    title="Drawn cells: the cohort of the demonstration and of the tests",
    contents="Cells of invented patients in 2, 8 or 15 classes, drawn from a seed; nothing in it comes from a person.",
    layout="cells.csv, patients.csv and classes.json beside pictures/, as Leukoscope writes them.",
    sources=("Drawn by Leukoscope.",),
    licence="Apache-2.0",
    links="none: each patient is drawn on its own",
    groups=OF_DRAWN,
)


def recognises(listing: Listing) -> bool:
    """Whether a folder holds the three files at its top."""
    return {CELLS, PATIENTS, CLASSES} <= set(listing.others.filter(pl.col("folder") == "")["name"])


def read(path: Path) -> Cohort:
    """Read a folder that was written by ``draw_cohort``.

    Args:
        path: The folder.

    Returns:
        The cohort with all columns of its tables; classes and positive class as they were written.

    Raises:
        DataError: no such folder, one of its files is missing or damaged, or the tables contradict each other.
    """
    if not (require_folder(path) / CLASSES).is_file():
        what = f"This folder holds no drawn cells: {CLASSES} is missing."
        raise DataError(what, where=str(path), do="Check the path, or draw some: leukoscope draw FOLDER.")
    classes = _classes(path / CLASSES)
    cohort = table.read(path / CELLS, patients=path / PATIENTS, classes=classes.names, positive=classes.positive)
    cells = cohort.cells.with_columns(source=pl.lit("drawn"))
    return replace(cohort, name="drawn", cells=cells, classes=classes)


def _classes(path: Path) -> Classes:
    value = read_json(path)
    try:
        return Classes.from_json(value)
    except (KeyError, TypeError):
        raise DataError("This file does not describe classes (names, titles, positive).", where=str(path)) from None


READER = Reader("drawn", read, recognises, DESCRIPTION)
