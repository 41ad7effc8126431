"""The table of a comparison: one row a test, what it asks, what it found, and why it was refused."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Literal

import polars as pl

from leukoscope.errors import LeukoscopeError
from leukoscope.reports.comparison_tables import TABLE

Question = Literal["seeds", "patients", "calls"]
Row = dict[str, Any]

QUESTIONS: dict[Question, str] = {
    "seeds": "Would other seeds say the same?",
    "patients": "Would other patients say the same of these two networks?",
    "calls": "Are the calls of these two networks right equally often?",
}
"""What each kind of test asks; the columns of a row are those of ``reports.comparison_tables.TABLE``."""


def table_of(rows: Iterable[Row]) -> pl.DataFrame:
    """Return rows as a table with the columns of ``TABLE``; what a row lacks is null."""
    return pl.DataFrame([{name: row.get(name) for name in TABLE} for row in rows], schema=TABLE)


def attempt(head: Row, test: Callable[[], Row]) -> Row:
    """Return a test's row, or one that says why it could not be done.

    Args:
        head: What is known before: which test, of what.
        test: Does it and returns what it found.

    Example:
        >>> attempt({"test": "delong"}, lambda: {"p": 0.5})
        {'test': 'delong', 'p': 0.5}
    """
    try:
        return head | test()
    except LeukoscopeError as error:  # told in the table and on the page, beside the tests that were done
        return head | {"refused": error.what}


def refused(head: Row, reason: str) -> Row:
    """Return the row of a test that is not done, with the reason."""
    return head | {"refused": reason}
