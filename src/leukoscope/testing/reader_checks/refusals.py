"""What a reader takes for its own, and how it refuses the rest."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from leukoscope.cohort.readers.listing import list_files
from leukoscope.errors import DataError
from leukoscope.testing.contract import require
from leukoscope.testing.reader_example import Example

OTHER = ("some notes.txt", "stray.png")


def recognises_its_own(example: Example) -> None:
    """A folder of the layout is recognised by the names of its files alone."""
    if example.reader.needs == "table":
        return
    listing = list_files(example.folder)
    name = example.reader.name
    require(
        example.reader.recognises(listing) is True,
        f"recognises must be True for the layout's own listing; {name!r} does not know its example.",
    )
    gone = replace(listing, root=example.scratch / "gone" / example.folder.resolve().name)
    try:
        known = example.reader.recognises(gone)
    except Exception as error:
        raise AssertionError(
            f"recognises looks at the listing and opens no file; of files that are not there it said "
            f"{type(error).__name__}: {error}"
        ) from error
    require(
        known is True, "recognises looks at the listing and opens no file; where the files are gone it is not True."
    )


def recognises_no_other(example: Example) -> None:
    """A folder of anything else is not recognised."""
    known = example.reader.recognises(list_files(_other(example)))
    require(
        known is False,
        f"recognises must be False for a folder with only {' and '.join(OTHER)}; it is {known!r}.",
    )


def refuses_a_missing_path(example: Example) -> None:
    """Of a path where nothing is, the error says so."""
    name = "nothing here" if example.path.is_dir() else f"nothing here{example.path.suffix}"
    _refuses(example, example.scratch / name, "a path where nothing is")


def refuses_an_empty_folder(example: Example) -> None:
    """An empty folder is an error, no empty cohort."""
    empty = example.scratch / "empty folder"
    empty.mkdir(parents=True)
    _refuses(example, empty, "an empty folder")


def refuses_another_layout(example: Example) -> None:
    """A folder of anything else is an error."""
    _refuses(example, _other(example), f"a folder with only {' and '.join(OTHER)}")


def _other(example: Example) -> Path:
    folder = example.scratch / "another layout"
    folder.mkdir(parents=True, exist_ok=True)
    for name in OTHER:
        (folder / name).touch()
    return folder


def _refuses(example: Example, path: Path, what: str) -> None:
    try:
        example.reader.read(path, **example.options)
    except DataError as error:
        require(
            error.where and path.name in error.where and error.do,
            f"The error on {what} must say where (the path) and what to do; it says where={error.where!r}, "
            f"do={error.do!r}.",
        )
    except Exception as error:
        raise AssertionError(
            f"{what.capitalize()} must be refused with a DataError; the reader stopped with {type(error).__name__}: "
            f"{error}"
        ) from error
    else:
        raise AssertionError(f"{what.capitalize()} must be refused with a DataError; it was read.")
