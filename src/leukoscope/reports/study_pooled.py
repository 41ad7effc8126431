"""The scores of all folds together, as a study's page shows them."""

from __future__ import annotations

from typing import Any

from leukoscope.errors import counted
from leukoscope.evaluation.names import PATIENT_SCORE
from leukoscope.reports.words import NOT_AVAILABLE, decimal, metric_title

OF_TWO = ("weighted_f1", "balanced_accuracy", "roc_auc", "accuracy", "sensitivity", "specificity")
OF_SEVERAL = ("accuracy", "macro_f1", "weighted_f1", "roc_auc")
OF_PATIENTS = tuple(f"{PATIENT_SCORE}{name}" for name in ("balanced_accuracy", "roc_auc"))
OF_CLASSES = ("precision", "recall", "f1")
Row = dict[str, Any]


def pooled_tables(rows: list[Row]) -> list[Row]:
    """Return two tables a variant and seed, of all cells and class by class; of two classes the first alone.

    Args:
        rows: Of ``pooled.csv``.

    Returns:
        ``title``, ``columns``, ``rows`` with ``title`` and ``values``, ``classes`` (whether it is class by class), and
        ``resampled``: what the intervals resample, in words.
    """
    runs = list(dict.fromkeys((row["variant"], row["seed"]) for row in rows))
    found = []
    for run in runs:
        own = [row for row in rows if (row["variant"], row["seed"]) == run]
        found.append(_of_all(own))
        if not any(row["score"] == "sensitivity" for row in own):
            found.append(_by_class(own))
    return found


def _of_all(rows: list[Row]) -> Row:
    scores = {row["score"]: row for row in rows if row["class"] is None}
    two = "sensitivity" in scores
    shown = [scores[name] for name in (*(OF_TWO if two else OF_SEVERAL), *OF_PATIENTS) if name in scores]
    said = [{"title": metric_title(row["score"]), "values": [_value(row), _interval(row)]} for row in shown]
    return {"title": _title(rows[0]), "classes": False, "columns": ["All folds", "95 % interval"], "rows": said} | _how(
        rows
    )


def _by_class(rows: list[Row]) -> Row:
    titles = {row["class"]: row for row in rows if row["class"] is not None}
    known = {(row["class"], row["score"]): row for row in rows}
    said = [
        {
            "title": row["title"],
            "values": [f"{row['support']:,}", *(_both(known.get((name, score))) for score in OF_CLASSES)],
        }
        for name, row in titles.items()
    ]
    columns = ["Support", *map(metric_title, OF_CLASSES)]
    return {"title": f"{_title(rows[0])}, class by class", "classes": True, "columns": columns, "rows": said} | _how(
        rows
    )


def _title(row: Row) -> str:
    clusters = "" if row["resampled"] == row["unit"] else f", {row['clusters']:,} {_plural(row['resampled'])}"
    return f"{row['variant']}, seed {row['seed']}: {counted(row['rows'], row['unit'])}{clusters}"


def _how(rows: list[Row]) -> Row:
    return {"resampled": _plural(rows[0]["resampled"])}


def _plural(unit: str) -> str:
    """Return several of what is resampled: a linked group of patients, a patient, a cell."""
    first, _, rest = unit.partition(" of ")
    return f"{first}s of {rest}" if rest else f"{first}s"


def _value(row: Row) -> str:
    return NOT_AVAILABLE if row["value"] is None else decimal(row["value"])


def _interval(row: Row) -> str:
    if row["low"] is None or row["high"] is None:
        return row["reason"] or ""
    return f"{decimal(row['low'])} to {decimal(row['high'])}"


def _both(row: Row | None) -> str:
    if row is None or row["value"] is None:
        return NOT_AVAILABLE
    known = row["low"] is not None and row["high"] is not None
    return decimal(row["value"], 2) + (f" ({decimal(row['low'], 2)} to {decimal(row['high'], 2)})" if known else "")
