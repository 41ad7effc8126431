"""A study's classes as its page shows them: mean and deviation over runs, class by class."""

from __future__ import annotations

from typing import Any

from leukoscope.reports.words import NOT_AVAILABLE, decimal, metric_title

SHOWN = ("precision", "recall", "f1", "accuracy")
Row = dict[str, Any]


def class_tables(rows: list[Row]) -> list[Row]:
    """Return a table a variant: ``variant``, ``columns`` and ``rows`` with ``title``, ``support`` and ``values``.

    Args:
        rows: Of ``classes.csv``.
    """
    variants = list(dict.fromkeys(row["variant"] for row in rows))
    return [_table(variant, [row for row in rows if row["variant"] == variant]) for variant in variants]


def _table(variant: str, rows: list[Row]) -> Row:
    classes = {row["class"]: row for row in rows}
    shown = [score for score in SHOWN if any(row["score"] == score for row in rows)]
    values = {(row["class"], row["score"]): _value(row) for row in rows}
    return {
        "variant": variant,
        "columns": [metric_title(name) for name in shown],
        "rows": [
            {
                "title": row["title"],
                "support": f"{row['support']:,}",
                "values": [values.get((name, score), NOT_AVAILABLE) for score in shown],
            }
            for name, row in classes.items()
        ],
    }


def _value(row: Row) -> str:
    if row["mean"] is None:
        return NOT_AVAILABLE
    spread = "" if row["deviation"] is None else f" ± {decimal(row['deviation'], 2)}"
    some = "" if row["runs"] == row["finished"] else f" ({row['runs']} of {row['finished']})"
    return f"{decimal(row['mean'], 2)}{spread}{some}"
