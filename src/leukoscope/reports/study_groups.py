"""Groups of classes as a study's page shows them: mean and deviation over runs beside what was published."""

from __future__ import annotations

from typing import Any

from leukoscope.reports.study_classes import published_words, spread_words
from leukoscope.reports.words import NOT_AVAILABLE, NOTHING, decimal, metric_title

SHOWN = ("roc_auc", "sensitivity", "specificity", "precision")
DIGITS = 3
"""As many as the published P(blast) has: 0.991 ± 0.002."""
WITHIN, BY_CHANCE = "within_lineage", "within_lineage_by_chance"
Row = dict[str, Any]


def group_tables(rows: list[Row]) -> list[Row]:
    """Return a table a variant.

    Args:
        rows: Of ``groups.csv``.

    Returns:
        ``variant``, ``columns``, ``rows`` with ``title``, ``support`` and ``values``; ``lineages``, a sentence on
        errors within a lineage, and ``sources`` of published figures, both empty where there is nothing to say.
    """
    variants = list(dict.fromkeys(row["variant"] for row in rows))
    return [_table(variant, [row for row in rows if row["variant"] == variant]) for variant in variants]


def _table(variant: str, rows: list[Row]) -> Row:
    known = {(row["group"], row["score"]): row for row in rows}
    groups = {row["group"]: row for row in rows if row["group"] is not None}
    beside = [score for score in SHOWN if any(published_words(row) for row in rows if row["score"] == score)]
    return {
        "variant": variant,
        "columns": [metric_title(name) for name in SHOWN] + [f"{metric_title(name)}, published" for name in beside],
        "rows": [
            {
                "title": first["title"],
                "support": f"{first['support']:,}",
                "values": [
                    *(_value(known.get((name, score))) for score in SHOWN),
                    *(published_words(known[name, score], DIGITS) or NOTHING for score in beside),
                ],
            }
            for name, first in groups.items()
        ],
        "lineages": _lineages(known.get((None, WITHIN)), known.get((None, BY_CHANCE))),
        "sources": "; ".join(dict.fromkeys(row["source"] for row in rows if row["source"])),
    }


def _value(row: Row | None) -> str:
    return NOT_AVAILABLE if row is None else spread_words(row, DIGITS)


def _lineages(within: Row | None, chance: Row | None) -> str:
    if within is None or within["mean"] is None:
        return ""
    by_chance = (
        "" if chance is None or chance["mean"] is None else f", where chance would have {decimal(chance['mean'])}"
    )
    return f"Of {within['support']:,} errors in all, the share within a lineage is {spread_words(within)}{by_chance}."
