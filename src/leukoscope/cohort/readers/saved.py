"""A cohort that was saved: one parquet file, as ``merge`` and every run write it."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.readers.listing import Listing
from leukoscope.cohort.readers.options import beside
from leukoscope.cohort.readers.reader import Description, Option, Reader
from leukoscope.cohort.storage import KEY, load_cohort
from leukoscope.errors import DataError

DESCRIPTION = Description(
    title="A cohort that Leukoscope saved",
    contents="What another reader read, or what merge made: cells, patients, classes, marks, known links and notes.",
    layout="One parquet file, as merge and each run (cohort.parquet) write it; the pictures stay where they are.",
    sources=("Written by Leukoscope.",),
    licence="that of the data sets in it",
    links="those that were known when it was saved",
)


def recognises(_listing: Listing) -> bool:
    """No folder is this layout; a parquet file that Leukoscope saved is."""
    return False


def is_saved(path: Path) -> bool:
    """Whether a path is a parquet file with a cohort in its metadata; its rows are not read."""
    if path.suffix.lower() != ".parquet" or not path.is_file():
        return False
    try:
        return KEY in pl.read_parquet_metadata(path)
    except (pl.exceptions.PolarsError, OSError):
        return False  # what is wrong with it is said where it is read


def read(path: Path, *, root: object = None) -> Cohort:
    """Read a saved cohort.

    Args:
        path: The parquet file.
        root: The folder of the pictures, if it was moved; the folder as it was saved where not given.

    Returns:
        The cohort as it was saved, with the reader that it was first read by.

    Raises:
        DataError: the file is missing or was not saved by Leukoscope, or the folder of its pictures is gone.
        SettingsError: the option root is no path.
    """
    if not is_saved(path):
        raise DataError(
            "This is no cohort that Leukoscope saved.",
            where=str(path),
            do="Name the parquet file that merge or a run (cohort.parquet) wrote.",
        )
    folder = None if root is None else beside(root, path.parent, "root")
    cohort = load_cohort(path, root=folder)
    if not cohort.root.is_dir():
        raise DataError(
            "The folder of this cohort's pictures is gone.",
            where=str(cohort.root),
            do="Name the folder where it is now: --option root=FOLDER.",
        )
    return cohort


READER = Reader(
    "saved",
    read,
    recognises,
    DESCRIPTION,
    (Option("root", "The folder of the pictures, if it was moved since; as it was saved where not given."),),
    "table",
)
