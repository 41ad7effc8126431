"""A study's classes as its page shows them: mean and deviation over runs, class by class, and what was published."""

from __future__ import annotations

from typing import Any

from leukoscope.reports.words import NOT_AVAILABLE, NOTHING, decimal, metric_title

SHOWN = ("precision", "recall", "f1", "accuracy")
Row = dict[str, Any]


def class_tables(rows: list[Row]) -> list[Row]:
    """Return a table a variant: ``variant``, ``columns`` and ``rows`` with ``title``, ``support`` and ``values``.

    Args:
        rows: Of ``classes.csv``.
    """
    variants = list(dict.fromkeys(row["variant"] for row in rows))
    return [_table(variant, [row for row in rows if row["variant"] == variant]) for variant in variants]


def published_words(row: Row, digits: int = 2) -> str:
    """Return the published figure of a row of ``classes.csv`` or ``groups.csv``; empty where there is none.

    Args:
        row: With ``published_mean`` and ``published_deviation``.
        digits: After the point.

    Example:
        >>> published_words({"published_mean": 0.991, "published_deviation": 0.002}, 3)
        '0.991 ± 0.002'
    """
    mean, deviation = row.get("published_mean"), row.get("published_deviation")
    if mean is None:
        return ""
    return decimal(mean, digits) + ("" if deviation is None else f" ± {decimal(deviation, digits)}")


def spread_words(row: Row, digits: int = 2) -> str:
    """Return mean and deviation of a row of ``classes.csv`` or ``groups.csv``, and of how many runs if not of all.

    Args:
        row: With ``mean``, ``deviation``, ``runs`` and ``finished``.
        digits: After the point.

    Example:
        >>> spread_words({"mean": 0.5, "deviation": 0.1, "runs": 3, "finished": 5})
        '0.50 ± 0.10 (3 of 5)'
    """
    if row["mean"] is None:
        return NOT_AVAILABLE
    spread = "" if row["deviation"] is None else f" ± {decimal(row['deviation'], digits)}"
    some = "" if row["runs"] == row["finished"] else f" ({row['runs']} of {row['finished']})"
    return f"{decimal(row['mean'], digits)}{spread}{some}"


def _table(variant: str, rows: list[Row]) -> Row:
    classes = {row["class"]: row for row in rows}
    shown = [score for score in SHOWN if any(row["score"] == score for row in rows)]
    values = {(row["class"], row["score"]): spread_words(row) for row in rows}
    published = {(row["class"], row["score"]): published_words(row) for row in rows}
    beside = [score for score in shown if any(published[name, score] for name in classes if (name, score) in published)]
    return {
        "variant": variant,
        "columns": [metric_title(name) for name in shown] + [f"{metric_title(name)}, published" for name in beside],
        "rows": [
            {
                "title": row["title"],
                "support": f"{row['support']:,}",
                "values": [
                    *(values.get((name, score), NOT_AVAILABLE) for score in shown),
                    *(published.get((name, score)) or NOTHING for score in beside),
                ],
            }
            for name, row in classes.items()
        ],
    }
