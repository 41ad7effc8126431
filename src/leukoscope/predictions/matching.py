"""Bringing the rows of two tables together by name."""

from __future__ import annotations

import polars as pl

from leukoscope.predictions.sheet import Sheet

SAME_CELLS = "Give predictions and labels of the same cells."


def stems(names: pl.Series) -> pl.Series:
    r"""Return file names without folder and ending.

    Example:
        >>> stems(pl.Series(["a/1.bmp", "b\\2.webp", "UID_1_2_3_all"])).to_list()
        ['1', '2', 'UID_1_2_3_all']
    """
    return names.str.replace(r"^.*[/\\]", "").str.replace(r"(.)\.\w{1,5}$", "${1}")


def refuse_repeats(names: pl.Series, sheet: Sheet, what: str = "id") -> None:
    """Refuse a name that is missing or stands twice.

    Raises:
        DataError: with the row of the first one.
    """
    sheet.refuse(names.is_null(), f"A row has no {what}.")
    again = ~names.is_first_distinct()
    if again.any():
        sheet.refuse(again, f"The {what} {names.filter(again)[0]!r} stands twice.", do="Keep one row of each.")


def rows_of(names: pl.Series, predicted: Sheet, known: pl.Series, labelled: Sheet) -> pl.Series:
    """Return the row of the labels that each prediction belongs to.

    Names belong together if they are equal, or else, for all of them, if they are without folder and ending.

    Args:
        names: The names of the predictions, (n,).
        predicted: Their sheet.
        known: The names of the labels.
        labelled: Their sheet.

    Returns:
        Places in ``known``, (n,) Int64.

    Raises:
        DataError: a name stands on one side alone, or twice.
    """
    refuse_repeats(known, labelled)
    if not names.is_in(known.implode()).all():
        names, known = stems(names), stems(known)
        refuse_repeats(names, predicted, "name (without folder and ending)")
        refuse_repeats(known, labelled, "name (without folder and ending)")
    alone = ~names.is_in(known.implode())
    if alone.any():
        predicted.refuse(alone, f"There is a prediction but no label for {names.filter(alone)[0]!r}.", do=SAME_CELLS)
    left = ~known.is_in(names.implode())
    if left.any():
        labelled.refuse(left, f"There is a label but no prediction for {known.filter(left)[0]!r}.", do=SAME_CELLS)
    place = dict(zip(known, range(len(known)), strict=True))
    return pl.Series([place[name] for name in names], dtype=pl.Int64)
