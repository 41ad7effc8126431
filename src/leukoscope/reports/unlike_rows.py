"""How many test cells are unlike the training cells, in words, and which are the most."""

from __future__ import annotations

from typing import Any

from leukoscope.errors import counted
from leukoscope.reports.tables import RunTables
from leukoscope.reports.words import decimal, percent_level, score_words


def unlike_section(tables: RunTables) -> dict[str, Any] | None:
    """Return the section on cells that are out of distribution; None where the run's bundle cannot tell.

    Returns:
        ``training``, ``validation`` and ``test`` (cells, and of how many patients, in words), ``quantile`` and
        ``expected`` (percent), ``patients`` (whether they are known), ``flagged`` (a number), ``share`` (with its
        interval), ``notes``, and ``rows``: the most unlike cells with ``id``, ``patient``, ``label`` (the title),
        ``distance`` (1 at the limit), ``flagged``.
    """
    found = tables.scores.get("out_of_distribution")
    if not found:
        return None
    part = tables.scores["parts"][tables.main_part]
    titles = dict(zip(part["classes"], part["titles"], strict=True))
    test = found["test"]
    return {
        "training": counted(found["training_cells"], "training cell"),
        "quantile": percent_level(found["quantile"]),
        "expected": percent_level(1 - found["quantile"]),
        "patients": bool(found["validation"]["patients"]),
        "validation": _sized(found["validation"]),
        "test": _sized(test, "test cell"),
        "flagged": f"{test['flagged_cells']:,}",
        "share": score_words(test["flagged"]),
        "notes": found["notes"],
        "rows": [] if tables.unlike is None else [_row(row, titles) for row in tables.unlike.to_dicts()],
    }


def _sized(part: dict[str, Any], what: str = "cell") -> str:
    cells = counted(part["cells"], what)
    return f"{cells} of {counted(part['patients'], 'patient')}" if part["patients"] else cells


def _row(row: dict[str, Any], titles: dict[str, str]) -> dict[str, Any]:
    distance = float(row["distance"])
    return {
        "id": row["id"],
        "patient": row["patient"],
        "label": titles.get(row["label"], row["label"]),
        "distance": decimal(distance, 2),
        "flagged": distance > 1,
    }
