from __future__ import annotations

from typing import Any

from leukoscope.reports.study_pooled import pooled_tables

HEAD = {
    "variant": "drawn", "seed": 3, "unit": "cell", "rows": 1775, "clusters": 52,
    "resampled": "linked group of patients", "class": None, "title": None, "support": None, "low": None,
    "high": None, "reason": None,
}  # fmt: skip


def row(score: str, value: float | None, **other: Any) -> dict[str, Any]:
    return {**HEAD, "score": score, "value": value, **other}


def test_two_classes_have_one_table_with_intervals_or_why_there_is_none() -> None:
    rows = [
        row("sensitivity", 0.8, low=0.7, high=0.9),
        row("weighted_f1", 0.82, low=0.75, high=0.88),
        row("roc_auc", None, reason="no probabilities"),
        row("patient_roc_auc", 0.9, low=0.8, high=0.95),
        row("recall", 0.8, **{"class": "all", "title": "blast", "support": 900}),
    ]
    (table,) = pooled_tables(rows)
    assert table["title"] == "drawn, seed 3: 1,775 cells, 52 linked groups of patients"
    assert (table["classes"], table["resampled"]) == (False, "linked groups of patients")
    assert [(one["title"], *one["values"]) for one in table["rows"]] == [
        ("Weighted F1", "0.820", "0.750 to 0.880"),
        ("ROC AUC", "n/a", "no probabilities"),
        ("Sensitivity", "0.800", "0.700 to 0.900"),
        ("ROC AUC of patients", "0.900", "0.800 to 0.950"),
    ]


def test_several_classes_have_a_second_table_class_by_class() -> None:
    own = {"class": "LYA", "title": "lymphocyte (atypical)", "support": 11}
    rows = [
        row("accuracy", 0.9, low=0.8, high=0.95, resampled="cell", clusters=1775),
        row("recall", 0.18, low=0.02, high=0.5, **own),
        row("precision", None, reason="nothing was called so", **own),
        row("f1", 0.2, **own),
    ]
    whole, classes = pooled_tables(rows)
    assert whole["title"] == "drawn, seed 3: 1,775 cells"
    assert classes["columns"] == ["Support", "Precision", "Recall", "F1"]
    assert classes["rows"] == [
        {"title": "lymphocyte (atypical)", "values": ["11", "n/a", "0.18 (0.02 to 0.50)", "0.20"]}
    ]
    assert classes["classes"]
