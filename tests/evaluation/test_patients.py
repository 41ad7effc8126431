from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import roc_auc_score

from leukoscope.cohort.classes import Classes
from leukoscope.errors import DataError
from leukoscope.evaluation import Scores, evaluate
from leukoscope.evaluation.patients import wilson
from leukoscope.predictions.table import Predictions

TWO = Classes(("hem", "all"))


def scored(rows: dict[str, list[object]], **more: object) -> Scores:
    table = pl.DataFrame({"id": range(len(rows["patient"]))} | rows)
    if "p_all" in table.columns:
        table = table.with_columns(p_hem=1 - pl.col("p_all"))
    return evaluate(Predictions(table, TWO), replicates=0, **more)  # type: ignore[arg-type]


FOUR = {
    "patient": ["d", "d", "b", "b", "a", "c", "c", "c"],
    "label": ["all", "all", "all", "all", "hem", "hem", "hem", "hem"],
    "p_all": [0.9, 0.4, 0.3, 0.5, 0.1, 0.2, 0.7, 0.75],
}


def test_each_patient_has_its_share_of_right_cells_and_its_call() -> None:
    found = scored(FOUR).by_patient
    assert found.columns == ["patient", "label", "cells", "right", "share_right", "low", "high", "called", "score"]
    assert found["patient"].to_list() == ["a", "c", "b", "d"]  # by class, then by name
    assert found["right"].to_list() == [1, 1, 1, 1]
    assert found["share_right"].to_list() == [1, pytest.approx(1 / 3), 0.5, 0.5]
    assert found["called"].to_list() == ["hem", "all", "hem", "all"]
    assert found["score"].to_list() == pytest.approx([0.1, 0.55, 0.4, 0.65])
    assert (found["low"] <= found["share_right"]).all()
    assert (found["high"] >= found["share_right"]).all()


def test_patients_are_scored_by_their_own_calls() -> None:
    scores = scored(FOUR)
    assert scores.patient_scores is not None
    assert scores.patient_scores["sensitivity"].value == 0.5
    assert scores.patient_scores["specificity"].value == 0.5
    assert scores.patient_scores["roc_auc"].value == roc_auc_score([0, 0, 1, 1], [0.1, 0.55, 0.4, 0.65])
    assert list(scores.patient_scores) == [
        "accuracy", "balanced_accuracy", "sensitivity", "specificity", "weighted_f1", "macro_f1", "mcc", "roc_auc",
        "pr_auc",
    ]  # fmt: skip


def test_a_patient_of_mixed_cells_has_no_label_unless_it_is_its_own() -> None:
    rows = {"patient": ["m", "m", "n", "n"], "label": ["hem", "all", "hem", "all"], "p_all": [0.2, 0.9, 0.2, 0.9]}
    mixed = scored(rows)
    assert mixed.by_patient["label"].to_list() == [None, None]
    assert mixed.patient_scores is None
    assert mixed.notes[-1] == "2 patients with cells of several classes and no label: left out of the patients' scores."
    own = scored(rows | {"patient_label": ["all", "all", "hem", None]})
    assert own.by_patient["label"].to_list() == ["hem", "all"]
    assert own.patient_scores is not None
    assert own.patient_scores["accuracy"].value == 0.5  # both means are 0.55


def test_of_several_classes_the_highest_mean_or_the_most_calls_decide() -> None:
    classes = Classes(("x", "y", "z"))
    table = pl.DataFrame(
        {
            "id": range(3),
            "patient": ["1"] * 3,
            "label": ["y"] * 3,
            "p_x": [0.4, 0.4, 0.0],
            "p_y": [0.3, 0.3, 0.9],
            "p_z": [0.3, 0.3, 0.1],
        }
    )
    assert evaluate(Predictions(table, classes), replicates=0).by_patient["called"].to_list() == ["y"]
    calls = table.select("id", "patient", "label").with_columns(called=pl.Series(["x", "x", "y"]))
    assert evaluate(Predictions(calls, classes), replicates=0).by_patient["called"].to_list() == ["x"]


def test_a_patient_with_two_labels_is_refused() -> None:
    rows = {"patient": ["m", "m"], "label": ["hem", "all"], "p_all": [0.2, 0.9], "patient_label": ["all", "hem"]}
    with pytest.raises(DataError) as caught:
        scored(rows)
    assert str(caught.value) == "A patient has two labels of its own: 'all' and 'hem'.\n  where: patient m"


def test_a_patient_in_two_groups_is_refused() -> None:
    rows = {"patient": ["m", "m"], "label": ["hem", "all"], "p_all": [0.2, 0.9], "group": ["m+n", "m"]}
    with pytest.raises(DataError) as caught:
        scored(rows)
    assert str(caught.value) == "A patient stands in two linked groups: 'm' and 'm+n'.\n  where: patient m"


def test_cells_of_unknown_patients_stand_beside_known_ones() -> None:
    rows = {"patient": ["m", None, "n"], "label": ["hem", "all", "all"], "p_all": [0.2, 0.9, 0.8]}
    scores = scored(rows)
    assert scores.by_patient["patient"].to_list() == ["m", "n"]
    assert (scores.cells, scores.patients, scores.groups) == (3, None, 3)


def test_wilsons_interval_ends_at_the_bounds() -> None:
    low, high = wilson(np.array([0, 5]), np.array([5, 5]), 0.95)
    assert low[0] == 0
    assert high[1] == 1
    assert high[0] == pytest.approx(0.4344825)
    assert low[1] == pytest.approx(1 - 0.4344825)
