"""Reading one declared fact of each patient: as numbers, or as words."""

from __future__ import annotations

import polars as pl

from leukoscope.errors import DataError, nearest


def column_of(patients: pl.DataFrame, name: str) -> pl.Series:
    """Return a fact's column as it stands.

    Args:
        patients: One row a patient.
        name: The fact.

    Raises:
        DataError: there is no such column.
    """
    if name not in patients.columns:
        known = [column for column in patients.columns if column not in ("patient", "label")]
        raise DataError(f"The patients' table has no fact {name!r}.", where="facts.inputs", do=nearest(name, known))
    return patients[name]


def numbers_of(patients: pl.DataFrame, name: str, *, positive: bool) -> pl.Series:
    """Return a fact as numbers.

    Args:
        patients: One row a patient: ``patient`` and the fact.
        name: The fact.
        positive: Whether its logarithm will be taken.

    Returns:
        (b,) Float64; null where nothing is stated (a NaN states nothing).

    Raises:
        DataError: there is no such column; a value is no number, is infinite, or has no logarithm.
    """
    column = column_of(patients, name)
    if not (column.dtype.is_numeric() or column.dtype in (pl.Boolean, pl.String, pl.Null)):
        raise DataError(
            f"The fact {name!r} is no number but {column.dtype}.",
            where="facts.inputs",
            do="Give a number made of it, an age instead of a date of birth.",
        )
    values = column.cast(pl.Float64, strict=False).fill_nan(None)
    stated = column.is_not_null() if column.dtype == pl.String else values.is_not_null()
    _refuse(patients, column, stated & values.is_null(), "is no number", "Declare it as a category, or mend the table.")
    _refuse(patients, column, values.is_infinite(), "is infinite", "Leave it empty where it is not known.")
    if positive:
        advice = "Leave it empty where it was not counted, or declare the fact linear."
        _refuse(patients, column, values <= 0, "has no logarithm", advice)
    return values


def words_of(patients: pl.DataFrame, name: str) -> pl.Series:
    """Return a fact as words, (b,) String; null where nothing is stated; whole numbers without a point (1, not 1.0).

    Raises:
        DataError: there is no such column.
    """
    column = column_of(patients, name)
    if column.dtype.is_float():
        column = column.fill_nan(None)
        whole = column.round() == column
        shortest = column.cast(pl.Int64, strict=False).cast(pl.String)
        column = shortest.zip_with(whole & shortest.is_not_null(), column.cast(pl.String))
    words = column.cast(pl.String).str.strip_chars()
    return words.set(words == "", None)


def _refuse(patients: pl.DataFrame, column: pl.Series, wrong: pl.Series, what: str, advice: str) -> None:
    places = wrong.fill_null(value=False).arg_true()
    if len(places):
        first = places[0]
        raise DataError(
            f"The fact {column.name!r} {what}: {column[first]!r}.",
            where=f"patient {patients['patient'][first]}",
            more=len(places) - 1,
            do=advice,
        )
