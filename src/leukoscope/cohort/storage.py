"""A cohort as one parquet file: the cells as its rows, all the rest in its metadata."""

from __future__ import annotations

import io
import json
from pathlib import Path

import polars as pl

from leukoscope.cohort.classes import Classes
from leukoscope.cohort.cohort import Cohort
from leukoscope.errors import DataError
from leukoscope.files import write_bytes

FORMAT = 2
KEY = "leukoscope.cohort"


def save_cohort(cohort: Cohort, path: Path) -> None:
    """Write a cohort to one parquet file (all but the cells goes into its metadata)."""
    head = {
        "format": FORMAT,
        "name": cohort.name,
        "root": str(cohort.root.resolve()),
        "reader": cohort.reader,
        "classes": cohort.classes.as_json(),
        "notes": list(cohort.notes),
        "patients": _text(cohort.patients),
        "tables": {name: _text(table) for name, table in cohort.tables.items()},
        "patient_links": _text(cohort.patient_links),
    }
    content = io.BytesIO()
    cohort.cells.write_parquet(content, metadata={KEY: json.dumps(head)})
    write_bytes(path, content.getvalue())


def load_cohort(path: Path, *, root: Path | None = None) -> Cohort:
    """Read a cohort that ``save_cohort`` wrote.

    Args:
        path: The parquet file.
        root: Where the pictures are now, if the folder was moved.

    Raises:
        DataError: the file is missing, or was not written by ``save_cohort``, or by a newer version.
    """
    try:
        text = pl.read_parquet_metadata(path).get(KEY)
    except FileNotFoundError:
        raise DataError("The cohort's file is missing.", where=str(path)) from None
    except (pl.exceptions.PolarsError, OSError) as error:
        raise DataError(f"This is no cohort file: {error}.", where=str(path)) from None
    head = json.loads(text) if text else {}
    if head.get("format") != FORMAT:
        raise DataError(f"This is no cohort file of format {FORMAT}.", where=str(path))
    return Cohort(
        head["name"],
        root or Path(head["root"]),
        pl.read_parquet(path, glob=False),
        _table(head["patients"]),
        Classes.from_json(head["classes"]),
        tuple(head["notes"]),
        head["reader"],
        {name: _table(text) for name, text in head["tables"].items()},
        _table(head["patient_links"]),
    )


def _text(table: pl.DataFrame) -> str:
    return table.serialize(format="json")


def _table(text: str) -> pl.DataFrame:
    return pl.DataFrame.deserialize(io.StringIO(text), format="json")
