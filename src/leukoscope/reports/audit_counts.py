"""What was looked at, as the head of an audit's page says it: a table of classes, and a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from leukoscope.errors import counted
from leukoscope.reports.words import NOT_KNOWN, NOTHING


@dataclass(frozen=True)
class ClassTable:
    """The classes with what is counted of each.

    Args:
        columns: What is counted: ``Cells`` (``Pictures`` where no cell has a class of its own, and no patient either),
            ``Boxes`` where pictures have boxes, ``Patients``.
        rows: Title of a class, and its numbers as text; no rows where nothing is known of any class.
        all: The title of the last row, and its numbers as text.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    all: tuple[str, ...]


def class_table(counts: dict[str, Any]) -> ClassTable:
    """Return what was looked at, class by class.

    Cells are counted where cells have classes; where only patients have them, patients by their own; and boxes where
    pictures are fields with boxes (``boxes`` in a class's row).

    Args:
        counts: The ``counts`` of ``audit.json``.
    """
    classes, patients = counts["classes"], counts["patients"]
    cells, own, boxes = (any(row.get(name) for row in classes) for name in ("cells", "own", "boxes"))
    has_classes = cells or own or boxes
    columns = ("Cells" if cells or own else "Pictures", *(["Boxes"] if boxes else []), "Patients")
    rows = [
        (
            row["title"],
            f"{row['cells']:,}" if cells else NOTHING,
            *([f"{row.get('boxes', 0):,}"] if boxes else []),
            _patients(row["patients" if cells else "own"], known=patients is not None),
        )
        for row in classes
        if has_classes
    ]
    total = [f"{sum(row.get('boxes', 0) for row in classes):,}"] if boxes else []
    title = "All usable cells" if cells or own else "All usable pictures"
    last = (title, f"{counts['usable']:,}", *total, NOT_KNOWN if patients is None else f"{patients:,}")
    return ClassTable(columns, tuple(rows), last)


def _patients(number: int, *, known: bool) -> str:
    return f"{number:,}" if known else NOTHING


def in_all(counts: dict[str, Any]) -> str:
    """Return what is there in one sentence, without what there is none of.

    Args:
        counts: The ``counts`` of ``audit.json``.

    Example:
        >>> in_all({"cells": 45, "excluded": 0, "unreadable": 0, "unlabelled": 0, "identical_pairs": 1})
        '45 pictures in all; 1 pair of identical pictures.'
    """
    unlabelled, identical, near = (counts.get(name, 0) for name in ("unlabelled", "identical_pairs", "near_pairs"))
    said = [
        f"{counted(counts['cells'], 'picture')} in all",
        _left_out(counts.get("excluded", 0), counts.get("unreadable", 0)),
        f"{unlabelled:,} without a class of their own" if unlabelled else "",
        f"{counted(identical, 'pair')} of identical pictures" if identical else "",
        f"{counted(near, 'pair')} of pictures of one cell" if near else "",
    ]
    return "; ".join(filter(None, said)) + "."


def _left_out(excluded: int, unreadable: int) -> str:
    if not excluded:
        return f"{unreadable:,} unreadable" if unreadable else ""
    return f"{excluded:,} left out" + (f", {unreadable:,} of them unreadable" if unreadable else "")
