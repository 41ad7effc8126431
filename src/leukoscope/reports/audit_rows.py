"""The audit's findings as they stand on the page, the worst first, each with the first rows of its tables."""

from __future__ import annotations

from typing import Any

from leukoscope.reports.words import NOTHING, capitalised, decimal

SEVERITIES = ("error", "warning", "note")
SAID = {"code", "severity", "sentence", "do", "count"}
MOST_ROWS = 20


def findings(audit: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the findings, errors first: ``severity``, ``sentence``, ``do``, ``tables``.

    Args:
        audit: ``audit.json``: ``findings``, each with ``severity``, ``sentence``, ``do`` and, under any other name, a
            list of rows (dictionaries) or of ids.

    Returns:
        Each of ``tables`` has ``title``, ``columns``, ``rows`` (text, at most 20) and ``more`` (rows left out).
    """
    found = audit.get("findings") or []
    return [
        {
            "severity": finding.get("severity") or SEVERITIES[-1],
            "sentence": finding.get("sentence") or "",
            "do": finding.get("do") or "",
            "tables": [_table(name, rows) for name, rows in finding.items() if name not in SAID and _is_table(rows)],
        }
        for finding in sorted(found, key=lambda finding: _rank(finding.get("severity")))
    ]


def _rank(severity: str | None) -> int:
    return SEVERITIES.index(severity) if severity in SEVERITIES else len(SEVERITIES)


def _is_table(rows: Any) -> bool:  # noqa: ANN401 - any JSON value
    return isinstance(rows, list) and len(rows) > 0


def _table(name: str, rows: list[Any]) -> dict[str, Any]:
    as_rows = [row if isinstance(row, dict) else {name: row} for row in rows]
    # What is empty in every row (places of a set without places) would only make the table wide.
    kept = [column for column in as_rows[0] if any(row.get(column) is not None for row in as_rows)]
    return {
        "title": _words(name),
        "columns": [_words(column) for column in kept],
        "rows": [[_cell(row.get(column)) for column in kept] for row in as_rows[:MOST_ROWS]],
        "more": max(len(rows) - MOST_ROWS, 0),
    }


def _words(name: str) -> str:
    return capitalised(name.replace("_", " "))


def _cell(value: Any) -> str:  # noqa: ANN401 - any JSON value
    if value is None:
        return NOTHING
    if isinstance(value, float):
        return decimal(value)
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
