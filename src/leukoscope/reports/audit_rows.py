"""The audit's findings as they stand on the page, the worst first, each with the first rows of its tables."""

from __future__ import annotations

from collections.abc import Container, Iterable
from typing import Any

from leukoscope.reports.audit_tables import shown_tables
from leukoscope.reports.words import NOTHING, capitalised, cut_decimal, decimal

SEVERITIES = ("error", "warning", "note")
MOST_ROWS = 20
# A unit of a split is a patient, or a cell where its patient is not known.
NO_PATIENT = "cell:"
# What programs call otherwise than people do.
WORDS = {"id": "picture", "label": "class", "auc": "AUC"}
NAMES = {"unit_a": "patient a", "unit_b": "patient b"}

SELDOM_WANTED = {"path", "sha256", "box_left", "box_top", "box_right", "box_bottom", "unseen", "way", "surely"}
PLACES = {"place_a", "place_b"}


def findings(audit: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the findings, errors first: ``severity``, ``sentence``, ``do``, ``tables``.

    Args:
        audit: ``audit.json``: ``counts``, and ``findings``, each with ``severity``, ``sentence``, ``do`` and, under any
            other name, a list of rows (dictionaries) or of ids.

    Returns:
        Each of ``tables`` has ``title``, ``columns``, ``rows`` (text, at most 20) and ``more`` (rows left out).
    """
    found, counts = audit.get("findings") or [], audit.get("counts") or {}
    return [
        {
            "severity": finding.get("severity") or SEVERITIES[-1],
            "sentence": finding.get("sentence") or "",
            "do": finding.get("do") or "",
            "tables": [short_table(name, rows) for name, rows in shown_tables(finding, counts).items()],
        }
        for finding in sorted(found, key=lambda finding: rank(finding.get("severity")))
    ]


def rank(severity: str | None) -> int:
    """Return the place of a severity: 0 for an error; what is not known comes last."""
    return SEVERITIES.index(severity) if severity in SEVERITIES else len(SEVERITIES)


def short_table(
    name: str, rows: list[Any], most: int = MOST_ROWS, left_out: Container[str] = frozenset()
) -> dict[str, Any]:
    """Return the first rows of a table as text.

    Args:
        name: The table's.
        rows: Its rows: dictionaries, or single values.
        most: How many rows are kept.
        left_out: Columns that are not shown.

    Returns:
        ``title``, ``columns``, ``numeric`` (which columns hold numbers alone), ``rows``, ``total`` (rows there are) and
        ``more`` (rows left out).
    """
    as_rows = [_known(row) if isinstance(row, dict) else {name: row} for row in rows]
    # What is empty in every row (places of a set without places) would only make the table wide.
    kept = [
        column
        for column in as_rows[0]
        if column not in left_out and any(row.get(column) is not None for row in as_rows)
    ]
    whole = {column for column in kept if _is_whole(row.get(column) for row in as_rows)}
    return {
        "title": in_words(name),
        "columns": [in_words(column) for column in kept],
        "numeric": [all(_is_number(row.get(column)) for row in as_rows) for column in kept],
        "rows": [[_cell(column, row.get(column), whole=column in whole) for column in kept] for row in as_rows[:most]],
        "total": len(rows),
        "more": max(len(rows) - most, 0),
    }


def _known(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row without the names of cells that stand in for patients who are not known."""
    return {
        key: None if key.startswith("unit") and str(value).startswith(NO_PATIENT) else value
        for key, value in row.items()
    }


def seldom_wanted(rows: list[Any]) -> set[str]:
    """Return the columns of a table that a page leaves to the csv: long ones, and those that its pictures show.

    Args:
        rows: The table's rows.
    """
    is_pair = isinstance(rows[0], dict) and "id_a" in rows[0]
    return SELDOM_WANTED | (PLACES if is_pair else set())


def in_words(name: str) -> str:
    """Return a name of a program as people say it.

    Example:
        >>> in_words("by_patients"), in_words("unit_a")
        ('By patients', 'Patient a')
    """
    words = " ".join(WORDS.get(word, word) for word in name.split("_"))
    return capitalised(NAMES.get(name, words))


def _is_number(value: Any) -> bool:  # noqa: ANN401 - any JSON value
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool))


def _is_whole(values: Iterable[Any]) -> bool:
    """Whether floats are all whole numbers, and not shares or correlations that happen to be 0 or 1."""
    known = [value for value in values if value is not None]
    return all(isinstance(value, float) and value.is_integer() for value in known) and any(abs(v) > 1 for v in known)


def _cell(column: str, value: Any, *, whole: bool = False) -> str:  # noqa: ANN401 - any JSON value
    if value is None:
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float) and "correlation" in column:
        return cut_decimal(value)
    if isinstance(value, float):
        return decimal(value, 0 if whole else 3)
    return ", ".join(map(str, value)) or NOTHING if isinstance(value, list) else str(value)
