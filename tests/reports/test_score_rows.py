from __future__ import annotations

from typing import Any

from leukoscope.reports.score_rows import (
    MEANINGS,
    class_rows,
    named_rows,
    patient_rows,
    patient_score_rows,
    published_rows,
    score_groups,
    score_row,
)


def test_every_score_stands_in_one_group(binary: dict[str, Any]) -> None:
    binary["scores"]["my_own"] = {"value": 0.5, "low": None, "high": None, "reason": None}
    groups = score_groups(binary)
    assert sum(map(len, groups.values())) == len(binary["scores"])
    assert [row.title for row in groups["Further scores"]] == ["My own"]


def test_a_row_has_its_number_or_the_reason() -> None:
    row = score_row("roc_auc", {"value": 0.93124, "low": 0.9, "high": 0.95, "reason": None})
    assert (row.title, row.value, row.interval, row.reason) == ("ROC AUC", "0.931", "0.900 to 0.950", "")
    assert row.bar == (0.93124, 0.9, 0.95)
    row = score_row("ece", {"value": None, "low": None, "high": None, "reason": "labels only"})
    assert (row.value, row.interval, row.reason, row.bar) == ("n/a", "", "labels only", None)
    assert score_row("accuracy", None).reason == "not measured"
    lonely = score_row("recall", {"value": 1.0, "low": None, "high": None, "reason": "it rests on a single patient"})
    assert (lonely.value, lonely.interval, lonely.reason) == (
        "1.000",
        "no interval: it rests on a single patient",
        "",
    )


def test_only_what_lies_between_0_and_1_has_a_bar() -> None:
    wide = {"value": 0.9, "low": 0.5, "high": 1.2, "reason": None}
    narrow = {"value": 0.9, "low": 0.5, "high": 0.95, "reason": None}
    assert score_row("brier", wide).bar is None
    assert score_row("mcc", narrow).bar is None
    assert score_row("log_loss", narrow).bar is None
    assert score_row("brier", narrow).bar == (0.9, 0.5, 0.95)


def test_classes_without_cells_are_told(many: dict[str, Any]) -> None:
    columns, rows = class_rows(many)
    assert columns == ["Precision", "Recall", "F1", "ROC AUC"]
    assert [row["title"] for row in rows] == many["titles"]
    assert (rows[7]["support"], {score.reason for score in rows[7]["scores"]}) == (0, {"no cell of this class"})


def test_patients_and_their_scores(binary: dict[str, Any], many: dict[str, Any]) -> None:
    rows = patient_score_rows(binary)
    assert rows[0].title == "Accuracy"
    assert rows[0].meaning == MEANINGS["accuracy"].replace("cell", "patient")
    assert patient_score_rows(many) == []
    table = patient_rows(binary)
    assert len(table) == 12
    assert table[0]["label"] == "leukaemic blast (ALL)"
    wrong = [row["patient"] for row in binary["by_patient"] if row["called"] != row["label"]]
    assert [row["patient"] for row in table if row["wrong"]] == wrong


def test_a_patient_with_cells_of_several_classes_has_no_wrong_call(binary: dict[str, Any]) -> None:
    binary["by_patient"] = [binary["by_patient"][0] | {"label": None, "score": None, "low": None}]
    row = patient_rows(binary)[0]
    assert (row["label"], row["wrong"], row["score"], row["interval"]) == (
        "several classes",
        False,
        "\N{EN DASH}",
        "",
    )


def test_published_figures_as_they_are_written(binary: dict[str, Any]) -> None:
    figures = {"weighted_f1": [0.8789, 0.009], "accuracy": 0.8796, "kappa": "see text", "mcc": [1, 2, 3]}
    figures |= {"specificity": {"min": 0.75, "mean": 0.8, "deviation": 0.02, "max": 0.85}}
    rows = published_rows({**figures, "classes": {"all": {"recall": 0.9}}}, binary)
    assert [row["theirs"] for row in rows] == [
        "0.8789 ± 0.0090", "0.8796", "see text", "[1, 2, 3]", "0.8000 ± 0.0200 (0.7500 to 0.8500)",
    ]  # fmt: skip
    assert [row["ours"].value for row in rows[:4]] == ["0.871", rows[1]["ours"].value, "n/a", "0.731"]


def test_named_rows_leave_out_what_is_not_there(many: dict[str, Any]) -> None:
    assert [row.title for row in named_rows(many, ("accuracy", "sensitivity", "mcc"))] == [
        "Accuracy",
        "MCC",
    ]
