"""What pictures are called in tables: names made of their paths, each there once, and none a spreadsheet's formula."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from leukoscope.cohort.readers.listing import texts
from leukoscope.errors import DataError


def names_of(paths: pl.Series) -> pl.Series:
    """Return a name for each picture: its path without the ending, as of ``without_formulas``.

    Paths that differ in their ending alone keep it; where two names are one even so, all of them do.

    Args:
        paths: Text, each there once; null where no path is known.

    Example:
        >>> names_of(pl.Series(["a/1.png", "b.png", "b.jpg"])).to_list()
        ['a/1', 'b.png', 'b.jpg']
        >>> names_of(pl.Series(["a/1.png", "b.png", "b.jpg", "b.png.jpg"])).to_list()
        ['a/1.png', 'b.png', 'b.jpg', 'b.png.jpg']
    """
    bare = paths.str.replace(r"\.[^./\\]*$", "")
    names = bare.zip_with(~bare.is_duplicated(), paths)
    if names.drop_nulls().is_duplicated().any():
        names = paths
    return without_formulas(names)


def without_formulas(paths: pl.Series) -> pl.Series:
    r"""Put ``./`` before paths that a spreadsheet would take for formulas; they lead where they led.

    Args:
        paths: Text; null stays null.

    Example:
        >>> without_formulas(pl.Series(["=1+2.png", "-1.png", "a/=1.png"])).to_list()
        ['./=1+2.png', './-1.png', 'a/=1.png']
    """
    return paths.str.replace(r"^([=+\-@\t\r])", "./${1}")


def path_texts(paths: Sequence[Path]) -> tuple[pl.Series, tuple[str, ...]]:
    """Return paths that somebody names as text, with ``/``, and what was left out.

    Args:
        paths: The files.

    Returns:
        ``path``, those that are UTF-8, in their order; and the note on the others, where there are any.

    Raises:
        DataError: there is no path, or none is UTF-8.
    """
    if not paths:
        raise DataError("The list of pictures is empty.")
    names, notes = texts([path.as_posix() for path in paths])
    if not names:
        what = "No table can hold the picture's name: it is not UTF-8."
        raise DataError(what, where=str(paths[0]), more=len(paths) - 1, do="Rename the file.")
    return pl.Series("path", names), notes
