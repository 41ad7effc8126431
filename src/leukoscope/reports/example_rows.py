"""Examples of each class as the page's table has them, beside the sheet that shows them."""

from __future__ import annotations

from typing import Any

from leukoscope.reports.tables import RunTables
from leukoscope.reports.words import decimal


def example_rows(tables: RunTables) -> list[dict[str, Any]]:
    """Return a row an example: ``id``, ``label``, ``called``, ``right``, ``guesses``; none where there are none.

    Args:
        tables: The run's tables.

    Returns:
        Classes by their titles, probabilities as written: ``guesses`` is a list of both, the most probable first.
    """
    if tables.examples is None:
        return []
    part = tables.scores["parts"][tables.main_part]
    titles = dict(zip(part["classes"], part["titles"], strict=True))
    places = sum(name.startswith("guess_") for name in tables.examples.columns)
    return [
        {
            "id": row["id"],
            "label": titles[row["label"]],
            "called": titles[row["called"]],
            "right": row["label"] == row["called"],
            "guesses": [
                (titles[row[f"guess_{place}"]], decimal(float(row[f"probability_{place}"]), 2))
                for place in range(1, places + 1)
            ],
        }
        for row in tables.examples.to_dicts()
    ]
