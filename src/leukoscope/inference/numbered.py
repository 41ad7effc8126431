"""Pictures that are named by a number, ``1.bmp`` to ``n.bmp``: in the order of the numbers, none missing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import polars as pl

from leukoscope.cohort.readers.words import SHOWN, listed
from leukoscope.errors import DataError, counted
from leukoscope.inference.sources import Pictures

NUMBER = r"(?:^|/)(\d+)\.[^./]*$"
HIDDEN = r"(?:^|/)\.[^/]*$"


def in_number_order(pictures: Pictures, expected: int | None = None) -> Pictures:
    """Return the pictures in the order of their numbers (2 before 10), if those are 1 to n without a hole.

    Hidden files (``._1.bmp``) are left out with a note.

    Args:
        pictures: The pictures; the number is the file's name without its ending.
        expected: How many there must be, 1 or more; None for as many as the highest number says.

    Raises:
        DataError: a picture is not named by a number, two have one number, or a number from 1 to n has no picture.
    """
    hidden = pl.col("path").str.contains(HIDDEN)
    number = pl.col("path").str.extract(NUMBER, 1).cast(pl.Int64, strict=False)
    table = pictures.table.filter(~hidden).with_columns(number=number).sort("number", maintain_order=True)
    _refuse_unnumbered(table, pictures)
    _refuse_repeats(table, pictures)
    _refuse_holes(table["number"], expected, pictures)
    passed = pictures.table.filter(hidden)["path"]
    note = (f"Left out, being hidden: {counted(len(passed), 'file')} ({listed(passed)}).",) if len(passed) else ()
    return replace(pictures, table=table.drop("number"), notes=(*pictures.notes, *note))


def _refuse_unnumbered(table: pl.DataFrame, pictures: Pictures) -> None:
    wrong = table.filter(pl.col("number").is_null())["path"]
    if len(wrong):
        raise DataError(
            f"{counted(len(wrong), 'picture')} not named by a number: {listed(wrong)}.",
            where=str(pictures.root),
            do="Name the folder that holds 1.bmp, 2.bmp and so on, and nothing else.",
        )


def _refuse_repeats(table: pl.DataFrame, pictures: Pictures) -> None:
    twice = table.filter(pl.col("number").is_duplicated())["path"]
    if len(twice):
        raise DataError(f"Several pictures have one number: {listed(twice)}.", where=str(pictures.root))


def _refuse_holes(numbers: pl.Series, expected: int | None, pictures: Pictures) -> None:
    """Refuse numbers, sorted and each there once, that are not 1 to n."""
    last = expected or max([1, *numbers.to_list()])
    beyond = numbers.filter((numbers < 1) | (numbers > last))
    if len(beyond):
        raise DataError(
            f"The numbers must go from 1 to {last:,}; {counted(len(beyond), 'picture')} beyond: {_said(beyond)}.",
            where=str(pictures.root),
        )
    missing = last - len(numbers)
    if missing > 0:
        # Every number is there at most once, so the first holes lie just beyond as many numbers as there are pictures.
        tried = pl.int_range(1, min(last, len(numbers) + SHOWN) + 1, eager=True)
        holes = tried.filter(~tried.is_in(numbers.implode()))
        raise DataError(
            f"There must be a picture for each number from 1 to {last:,}; {missing:,} missing: "
            f"{_said(holes, missing)}.",
            where=str(pictures.root),
            do="Add the missing pictures: the rows of the others would move up.",
        )


def _said(numbers: Iterable[int], total: int | None = None) -> str:
    return listed(map(str, numbers), total=total)
