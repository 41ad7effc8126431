"""The tables of a finding as people read them: classes by their titles, nothing twice, no zero for the unknown."""

from __future__ import annotations

import re
from typing import Any

from leukoscope.reports.words import NOT_KNOWN

SAID = {"code", "severity", "sentence", "do", "count"}
# Tables that repeat the head of the page, or their finding's own sentence.
SAID_ELSEWHERE = {("counts", "classes"), ("reader_notes", "notes")}
# Columns that hold the name of a class; the same word may mean something else in another column (a kind "all").
OF_CLASSES = re.compile(r"^(label(_[ab])?|own|without|best|class)$")


def tables_of(finding: dict[str, Any]) -> dict[str, list[Any]]:
    """Return a finding's tables that have rows, by their names; the pictures that it shows are none."""
    lists = {name: rows for name, rows in finding.items() if name not in SAID and isinstance(rows, list) and rows}
    return {name: rows for name, rows in lists.items() if not isinstance(rows[0], list)}


def shown_tables(finding: dict[str, Any], counts: dict[str, Any]) -> dict[str, list[Any]]:
    """Return the tables of a finding that a page shows, with classes by their titles.

    Left out is what stands on the page already: the classes of ``counts`` (they are at its head), and what the
    finding's own sentence says in full (the reader's notes).

    Args:
        finding: As ``audit.json`` has it.
        counts: The ``counts`` of ``audit.json``; may be empty.
    """
    titles = {row["class"]: row["title"] for row in counts.get("classes") or []}
    unknown = bool(counts) and counts.get("patients") is None
    return {
        name: [_read(row, titles, unknown=unknown) if isinstance(row, dict) else row for row in rows]
        for name, rows in tables_of(finding).items()
        if not _is_said(name, rows, finding)
    }


def _is_said(name: str, rows: list[Any], finding: dict[str, Any]) -> bool:
    if (finding.get("code"), name) in SAID_ELSEWHERE:
        return True
    # A tally of what nobody knows: one row with the number alone, which the sentence has.
    known = [value for value in rows[0].values() if value is not None] if isinstance(rows[0], dict) else rows
    return name.startswith("by_") and len(rows) == 1 and all(isinstance(value, int) for value in known)


def _read(row: dict[str, Any], titles: dict[str, str], *, unknown: bool) -> dict[str, Any]:
    """Return a row with titles for classes; where no patient is known, none of them is counted."""
    read = {
        key: titles.get(value, value) if OF_CLASSES.match(key) and isinstance(value, str) else value
        for key, value in row.items()
    }
    return {**read, "patients": NOT_KNOWN} if unknown and read.get("patients") == 0 else read
