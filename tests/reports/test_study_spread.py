from __future__ import annotations

from typing import Any

from leukoscope.reports.study_spread import protocols, spread_groups
from leukoscope.reports.words import NOTHING

ENDS = {"min": 0.7, "mean": 0.75, "deviation": 0.05, "max": 0.8}
FIGURES = {"published_mean": 0.8789, "published_deviation": 0.009, "published_min": None, "published_max": None}


def row(score: str, **others: Any) -> dict[str, Any]:
    return {"variant": "a", "score": score, "runs": 2, **ENDS, "paper": "P", "protocol": "Peeking.", **others}


def test_the_scores_of_the_published_table_and_those_that_were_published() -> None:
    chosen = {f"validation_{name}": value + 0.1 for name, value in ENDS.items() if name != "deviation"}
    groups = spread_groups([row("accuracy", **chosen), row("mcc"), row("roc_auc", **FIGURES), row("ece")])
    accuracy, auc = groups["a"]
    assert accuracy == {
        "title": "Accuracy",
        "test": {"min": "0.7000", "mean": "0.7500 ± 0.0500", "max": "0.8000"},
        "validation": {"min": "0.8000", "mean": "0.8500", "max": "0.9000"},
        "published": {"min": NOTHING, "mean": NOTHING, "max": NOTHING},
    }
    assert auc["published"] == {"min": NOTHING, "mean": "0.8789 ± 0.0090", "max": NOTHING}


def test_a_variant_without_a_finished_run_has_no_rows() -> None:
    assert spread_groups([row("accuracy", runs=0)]) == {}


def test_each_protocol_stands_once_with_its_variants() -> None:
    rows = [
        row("accuracy", **FIGURES),
        row("weighted_f1", **FIGURES),
        row("accuracy", **FIGURES, variant="b"),
        row("accuracy", **FIGURES, variant="c", protocol=None),
        row("accuracy", variant="d"),
    ]
    assert protocols(rows) == [
        {"paper": "P", "protocol": "Peeking.", "variants": ["a", "b"]},
        {"paper": "P", "protocol": "", "variants": ["c"]},
    ]
