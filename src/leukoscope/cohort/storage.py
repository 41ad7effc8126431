"""A cohort as one parquet file: the cells as its rows, all the rest in its metadata."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import Any

import polars as pl

from leukoscope.cohort.classes import Classes
from leukoscope.cohort.cohort import Cohort
from leukoscope.errors import DataError, SettingsError
from leukoscope.files import write_bytes

FORMAT = 2
KEY = "leukoscope.cohort"
ENDING = ".parquet"
RECOGNITION = re.compile(r"(^|: )Read by the reader '[^']*', recognised by its layout\.$")
"""How a reader was found is true of one reading only; saved, such notes would pile up with each further one."""


def save_cohort(cohort: Cohort, path: Path) -> None:
    """Write a cohort to one parquet file (all but the cells goes into its metadata).

    Notes that say how a reader was recognised are not kept; the reader's name is.
    """
    head = {
        "format": FORMAT,
        "name": cohort.name,
        "root": str(cohort.root.resolve()),
        "reader": cohort.reader,
        "classes": cohort.classes.as_json(),
        "notes": [note for note in cohort.notes if not RECOGNITION.search(note)],
        "patients": _text(cohort.patients),
        "tables": {name: _text(table) for name, table in cohort.tables.items()},
        "patient_links": _text(cohort.patient_links),
    }
    content = io.BytesIO()
    cohort.cells.write_parquet(content, metadata={KEY: json.dumps(head)})
    write_bytes(path, content.getvalue())


def refuse_other_ending(path: Path) -> None:
    """Refuse a name under which no verb would take a saved cohort.

    Raises:
        SettingsError: it does not end in .parquet.
    """
    if path.suffix.lower() != ENDING:
        raise SettingsError(
            "A cohort's file must end in .parquet.", where=str(path), do=f"Name it {path.name}{ENDING}."
        )


def load_cohort(path: Path, *, root: Path | None = None) -> Cohort:
    """Read a cohort that ``save_cohort`` wrote.

    Args:
        path: The parquet file.
        root: Where the pictures are now, if the folder was moved.

    Raises:
        DataError: the file is missing or damaged, was not written by ``save_cohort``, or by another version.
    """
    try:
        head = _head(path)
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
    except FileNotFoundError:
        raise DataError("The cohort's file is missing.", where=str(path)) from None
    except KeyError as error:
        raise _damaged(path, f"{error.args[0]!r} is not in it") from None
    except (pl.exceptions.PolarsError, OSError, ValueError, TypeError, AttributeError) as error:
        raise _damaged(path, (str(error) or type(error).__name__).splitlines()[0].rstrip(".")) from None


def _head(path: Path) -> dict[str, Any]:
    """Return what the metadata says, if it is of this version's format."""
    text = pl.read_parquet_metadata(path).get(KEY)
    if text is None:
        raise DataError(
            "This is no cohort file.",
            where=str(path),
            do="Name the parquet file that merge or a run (cohort.parquet) wrote.",
        )
    head: dict[str, Any] = json.loads(text)
    if head["format"] != FORMAT:
        raise DataError(
            f"This cohort file is of format {head['format']}, and this version reads format {FORMAT}.",
            where=str(path),
            do="Read the data set again.",
        )
    return head


def _damaged(path: Path, why: str) -> DataError:
    return DataError(f"This cohort file is damaged: {why}.", where=str(path), do="Make it again, or copy it again.")


def _text(table: pl.DataFrame) -> str:
    return table.serialize(format="json")


def _table(text: str) -> pl.DataFrame:
    return pl.DataFrame.deserialize(io.StringIO(text), format="json")
