"""What stands in the tables that a reader makes."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import polars as pl

from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.storage import load_cohort, save_cohort
from leukoscope.testing.comparison import difference
from leukoscope.testing.contract import require
from leukoscope.testing.reader_example import Example

FILES = ("path", "mask")


def has_names_and_sources(example: Example) -> None:
    """The cohort is named, there are cells, and each names the data set it comes from."""
    cohort = example.read()
    require(cohort.name.strip(), "A cohort must have a name.")
    require(cohort.usable.height, "At least one cell of the example must be usable.")
    unnamed = cohort.cells.filter(pl.col("source").is_null())["id"]
    require(
        not unnamed.len(),
        f"Every row names its data set in the column source; {_some(unnamed)} does not.",
    )


def has_portable_paths(example: Example) -> None:
    """Paths are relative to the root, with ``/`` on every system."""
    cohort = example.read()
    for column in (name for name in FILES if name in cohort.cells.columns):
        paths = cohort.cells[column].drop_nulls()
        strange = paths.filter(paths.str.contains(r"^/|^[A-Za-z]:|\\|(?:^|/)\.{1,2}(?:/|$)|^$|//"))
        require(
            not strange.len(),
            f"The column {column} is relative to the cohort's root, written with / and without . or ..; "
            f"found: {_some(strange)}.",
        )


def has_files(example: Example) -> None:
    """The files of usable cells are there, under the root."""
    cohort = example.read()
    require(cohort.root.is_dir(), f"The cohort's root must be the folder of its files; it is {cohort.root}.")
    for column in (name for name in FILES if name in cohort.cells.columns):
        paths = cohort.usable[column].drop_nulls().unique(maintain_order=True)
        missing = pl.Series([path for path in paths if not _is_there(cohort, path)], dtype=pl.String)
        require(
            not missing.len(),
            f"The {column} of a usable cell must be a file under the root (or lie in one); {_some(missing)} is none.",
        )


def _is_there(cohort: Cohort, path: str) -> bool:
    """Whether a path is a file, or names what lies within one (an array of an archive)."""
    names = [PurePosixPath(path), *PurePosixPath(path).parents]
    return any((cohort.root / Path(name)).is_file() for name in names)


def has_labels(example: Example) -> None:
    """Some labels are known, of cells, patients or marks, and the classes are those of the description."""
    cohort = example.read()
    marks = [table["label"] for table in cohort.tables.values() if "label" in table.columns]
    known = [cohort.labelled["label"], cohort.patients["label"], *marks]
    require(
        any(labels.drop_nulls().len() for labels in known),
        "No label is known, neither of a cell nor of a patient nor of a mark; the example must have some.",
    )
    about = example.reader.description.classes
    if about is not None:
        strange = [name for name in cohort.classes.names if name not in about.names]
        require(not strange, f"The cohort's classes must be among the description's; {', '.join(strange)} are not.")


def has_reasons(example: Example) -> None:
    """What is excluded says why."""
    empty = example.read().cells.filter(pl.col("excluded").str.strip_chars() == "")["id"]
    require(not empty.len(), f"The column excluded holds a reason in words, or null; it is empty for {_some(empty)}.")


def has_sentences_as_notes(example: Example) -> None:
    """Notes are sentences."""
    notes = example.read().notes
    odd = [note for note in notes if not (isinstance(note, str) and note.strip().endswith("."))]
    require(isinstance(notes, tuple) and not odd, f"Notes are a tuple of sentences; found: {odd or notes!r}.")


def is_saved_and_loaded(example: Example) -> None:
    """The cohort comes back from a file as it went in."""
    cohort = example.read()
    file = example.scratch / "cohort.parquet"
    try:
        save_cohort(cohort, file)
        back = load_cohort(file)
    except Exception as error:
        raise AssertionError(f"A cohort must be saved and loaded; {type(error).__name__}: {error}") from error
    changed = difference(cohort, back)
    require(changed is None, f"A cohort must come back from its file as it was saved; {changed}.")


def _some(values: pl.Series) -> str:
    return ", ".join(map(repr, values.head(3)))
