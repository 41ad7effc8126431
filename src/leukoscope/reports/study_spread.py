"""Minimum, mean, deviation and maximum over runs, as papers on seeds give them, with the published ones beside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from leukoscope.reports.words import NOTHING, decimal, metric_title

OF_THE_TABLE = ("accuracy", "sensitivity", "specificity", "weighted_f1", "weighted_precision", "weighted_recall")
"""The scores of the table of Prellberg & Kramer (2019)."""

DIGITS = 4
Row = dict[str, Any]


def spread_groups(summary: Sequence[Row]) -> dict[str, list[Row]]:
    """Return the rows of the table, by variant.

    Args:
        summary: The rows of ``summary.csv``.

    Returns:
        For each variant with a finished run, a row a score of ``OF_THE_TABLE`` and a row each further score that was
        published: ``title``, then ``test``, ``validation`` and ``published``, each ``min``, ``mean``, ``max`` as
        written.
    """
    groups: dict[str, list[Row]] = {}
    for row in summary:
        wanted = row["score"] in OF_THE_TABLE or row.get("published_mean") is not None
        if wanted and row["runs"]:
            groups.setdefault(row["variant"], []).append(_row(row))
    return groups


def protocols(summary: Sequence[Row]) -> list[Row]:
    """Return how each variant's published figures were measured.

    Args:
        summary: The rows of ``summary.csv``.

    Returns:
        ``paper``, ``protocol`` (empty where the recipe states none) and the ``variants`` they belong to.
    """
    found: dict[tuple[str, str], dict[str, None]] = {}
    for row in summary:
        if row.get("published_mean") is not None:
            source = (row["paper"] or "", row["protocol"] or "")
            found.setdefault(source, {})[row["variant"]] = None
    return [
        {"paper": paper, "protocol": protocol, "variants": list(variants)}
        for (paper, protocol), variants in found.items()
    ]


def _row(row: Row) -> Row:
    kinds = {"test": "", "validation": "validation_", "published": "published_"}
    return {"title": metric_title(row["score"])} | {kind: _spread(row, prefix) for kind, prefix in kinds.items()}


def _spread(row: Row, prefix: str) -> Row:
    low, mean, deviation, high = (row.get(prefix + name) for name in ("min", "mean", "deviation", "max"))
    around = "" if deviation is None else f" ± {decimal(deviation, DIGITS)}"
    return {"min": _number(low), "mean": _number(mean) + around, "max": _number(high)}


def _number(value: float | None) -> str:
    return NOTHING if value is None else decimal(value, DIGITS)
