from __future__ import annotations

from typing import Any

from leukoscope.reports.baseline_rows import baseline_rows, baseline_sentences

PART: dict[str, Any] = {"scores": {"roc_auc": {"value": 0.9, "low": 0.85, "high": 0.95}, "weighted_f1": {"value": 0.8}}}
SINGLE = {
    "title": "the number of non-black pixels alone",
    "scores": {"roc_auc": {"value": 0.7, "low": 0.6, "high": 0.8}},
}
ALL = {"title": "all together", "scores": {"roc_auc": {"value": None, "low": None, "high": None}}}


def test_the_network_comes_first_then_the_best_rule_then_all_then_others() -> None:
    baselines = {"of_mine": {}, "global_statistics": ALL, "best_statistic": SINGLE}
    columns, rows = baseline_rows(baselines, PART)
    assert columns == ["ROC AUC", "Balanced accuracy", "Weighted F1"]
    assert [(row.title, row.role) for row in rows] == [
        ("The network", ""),
        ("The number of non-black pixels alone", "the best single rule"),
        ("All together", "all global statistics"),
        ("Of mine", ""),
    ]
    assert [(score.value, score.interval, score.reason) for score in rows[0].scores] == [
        ("0.900", "0.850 to 0.950", ""),
        ("n/a", "", "not measured"),
        ("0.800", "", ""),
    ]
    assert (rows[1].scores[0].value, rows[1].scores[0].interval) == ("0.700", "0.600 to 0.800")
    assert (rows[2].scores[0].value, rows[2].scores[0].reason) == ("n/a", "not measured")


def test_without_baselines_there_is_no_table() -> None:
    assert baseline_rows({}, PART) == ([], [])


def test_hand_crafted_measures_come_behind_the_others_and_what_is_said_of_them_is_told() -> None:
    said = {"title": "by hand", "scores": SINGLE["scores"], "sentence": "Hand-crafted measures are beaten: by far."}
    baselines = {"handcrafted": said, "global_statistics": ALL}
    assert [row.role for row in baseline_rows(baselines, PART)[1]] == [
        "",
        "all global statistics",
        "hand-crafted measures",
    ]
    assert baseline_sentences(baselines) == ["Hand-crafted measures are beaten: by far."]
    assert baseline_sentences({}) == []
