from __future__ import annotations

from typing import Any

from leukoscope.reports.study_groups import group_tables
from leukoscope.reports.words import NOTHING

HEAD = {"variant": "matek2019", "group": "blast", "title": "blasts", "support": 3294, "finished": 5, "runs": 5}
NONE = {"published_mean": None, "published_deviation": None, "source": None}


def row(score: str, mean: float | None, deviation: float | None, **other: Any) -> dict[str, Any]:
    return {**HEAD, **NONE, "score": score, "mean": mean, "deviation": deviation, **other}


def test_ours_stands_beside_the_published_one() -> None:
    area = row("roc_auc", 0.98765, 0.0042, published_mean=0.991, published_deviation=0.002, source="Matek et al. 2019")
    rows = [area, row("sensitivity", 0.9, None), row("specificity", 0.95, 0.01, runs=4)]
    (table,) = group_tables([*rows, row("pr_auc", 0.9, 0.1)])
    assert table["columns"] == ["ROC AUC", "Sensitivity", "Specificity", "Precision", "ROC AUC, published"]
    assert table["rows"] == [
        {
            "title": "blasts",
            "support": "3,294",
            "values": ["0.988 ± 0.004", "0.900", "0.950 ± 0.010 (4 of 5)", "n/a", "0.991 ± 0.002"],
        }
    ]
    assert (table["sources"], table["lineages"]) == ("Matek et al. 2019", "")


def test_a_group_without_a_published_figure_has_a_dash_where_another_has_one() -> None:
    area = row("roc_auc", 0.9, 0.1, published_mean=0.99)
    own = row("roc_auc", 0.8, 0.1, group="round", title="round cells")
    tables = group_tables([area, own, row("roc_auc", 0.7, 0.1, variant="other")])
    assert [one["values"][-1] for one in tables[0]["rows"]] == ["0.990", NOTHING]
    assert [table["variant"] for table in tables] == ["matek2019", "other"]
    assert tables[1]["columns"][-1] == "Precision"


def test_errors_within_a_lineage_are_a_sentence() -> None:
    head = {"group": None, "title": "errors within a lineage", "support": 1234}
    within = row("within_lineage", 0.6123, 0.05, **head)
    chance = row("within_lineage_by_chance", 0.3, 0.01, **head)
    (table,) = group_tables([within, chance])
    assert table["rows"] == []
    assert table["lineages"] == (
        "Of 1,234 errors in all, the share within a lineage is 0.61 ± 0.05, where chance would have 0.300."
    )
    assert group_tables([row("within_lineage", None, None, **head)])[0]["lineages"] == ""
