from __future__ import annotations

from typing import Any

from leukoscope.reports.study_classes import class_tables

HEAD = {"variant": "matek2019", "support": 109, "finished": 5, "runs": 5, "deviation": 0.1}


def row(name: str, score: str, mean: float, **other: Any) -> dict[str, Any]:
    return {**HEAD, "class": name, "title": name.lower(), "score": score, "mean": mean, **other}


def test_published_figures_stand_in_columns_of_their_own_where_there_are_any() -> None:
    rows = [
        row("NGB", "precision", 0.31),
        row("NGB", "recall", 0.5, published_mean=0.59, published_deviation=0.16),
        row("NGS", "precision", 0.98),
        row("NGS", "recall", 0.97, published_mean=None, published_deviation=None),
    ]
    (table,) = class_tables(rows)
    assert table["columns"] == ["Precision", "Recall", "Recall, published"]
    assert [one["values"] for one in table["rows"]] == [
        ["0.31 ± 0.10", "0.50 ± 0.10", "0.59 ± 0.16"],
        ["0.98 ± 0.10", "0.97 ± 0.10", "\N{EN DASH}"],
    ]
