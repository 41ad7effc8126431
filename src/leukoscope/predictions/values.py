"""Classes and probabilities as strangers write them."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from leukoscope.cohort.classes import Classes
from leukoscope.cohort.readers.cnmc import CLASSES as CNMC_CLASSES
from leukoscope.errors import DataError, nearest
from leukoscope.predictions.sheet import Sheet
from leukoscope.predictions.table import probability_column


def classes_in(names: Iterable[str]) -> Classes:
    """Return classes of these names, in this order; C-NMC's where they are its.

    Raises:
        DataError: fewer than two.

    Example:
        >>> classes_in(["all", "hem"]).positive, classes_in(["a", "b"]).positive
        ('all', 'b')
    """
    found = tuple(names)
    if set(found) == set(CNMC_CLASSES.names):
        return CNMC_CLASSES
    if len(found) < 2:  # noqa: PLR2004 - a pair
        named = ", ".join(found) or "none"
        raise DataError(f"At least two classes are needed; found: {named}.", do="Name them all: --classes hem,all.")
    return Classes(found)


def sorted_values(values: Iterable[pl.Series]) -> list[str]:
    """Return the distinct values, whole numbers in the order of their size before text.

    Example:
        >>> sorted_values([pl.Series(["10", "9", None]), pl.Series(["9"])])
        ['9', '10']
    """
    distinct = {value for series in values for value in series.drop_nulls()}
    return sorted(distinct, key=lambda value: (0, int(value), "") if value.isdecimal() else (1, 0, value))


def class_names(values: pl.Series, classes: Classes, sheet: Sheet, what: str) -> pl.Series:
    """Return the class that each value means.

    A class may be written as its name, in either case, or as a number: its place from 0 on; of two classes 1 is always
    the positive one.

    Args:
        values: (n,) text, null where unknown.
        classes: The classes.
        sheet: The sheet they stand in.
        what: What the values are, for the message: ``label``, ``called class``.

    Raises:
        DataError: a value that is no class.
    """
    numbered = list(classes.names)
    if classes.positive is not None:
        numbered.sort(key=lambda name: name == classes.positive)
    meaning = {str(place): name for place, name in enumerate(numbered)}
    meaning |= {name.lower(): name for name in classes.names} | {name: name for name in classes.names}
    known = [None if value is None else meaning.get(value, meaning.get(value.lower())) for value in values]
    found = pl.Series(values.name, known, dtype=pl.String)
    wrong = found.is_null() & values.is_not_null()
    if wrong.any():
        sheet.refuse(
            wrong, f"The {what} {values.filter(wrong)[0]!r} is none of the classes {', '.join(classes.names)}."
        )
    return found


def probabilities_in(sheet: Sheet, classes: Classes) -> pl.DataFrame | None:
    """Return the probabilities, ``p_CLASS`` for each class as float64; None where the sheet has none of any class.

    Of two classes one column is enough: the other is what is left to 1.

    Raises:
        DataError: a class without a column; a value that is missing or is no number.
    """
    columns = dict(sheet.columns.probabilities)
    if not columns and "probability" in sheet.columns.roles and classes.positive is not None:
        columns = {classes.positive: sheet.columns.roles["probability"]}
    known = {name: _numbers(sheet, column) for name, column in columns.items() if name in classes.names}
    if not known:
        return None
    if classes.binary and len(known) == 1:
        (given,) = known
        (other,) = set(classes.names) - {given}
        known[other] = 1 - known[given]
    missing = [name for name in classes.names if name not in known]
    if missing:
        raise DataError(
            f"No column holds the probabilities of the class {missing[0]!r}.",
            where=str(sheet.path),
            more=len(missing) - 1,
            do=nearest(probability_column(missing[0]), sheet.table.columns),
        )
    return pl.DataFrame({probability_column(name): known[name] for name in classes.names})


def _numbers(sheet: Sheet, column: str) -> pl.Series:
    values = sheet.table[column]
    numbers = values.cast(pl.Float64, strict=False)
    wrong = ~numbers.is_finite().fill_null(value=False)
    if wrong.any():
        shown = values.filter(wrong)[0]
        sheet.refuse(wrong, f"The column {column!r} needs a probability here; it has {shown!r}.")
    return numbers
