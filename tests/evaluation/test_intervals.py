from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import polars as pl
import pytest
from scipy import stats

from leukoscope.cohort.classes import Classes
from leukoscope.evaluation import Score, Scores, evaluate
from leukoscope.predictions.table import Predictions

Draw = Callable[..., Predictions]
TWO = Classes(("hem", "all"))


def calls(*cells: tuple[str, str, str], replicates: int = 200) -> Scores:
    """Scores of cells given as patient, label, called class."""
    table = pl.DataFrame(list(cells), schema=["patient", "label", "called"], orient="row").with_row_index("id")
    names = table["label"].unique().sort().to_list()
    return evaluate(Predictions(table, Classes(tuple(names))), replicates=replicates)


def test_the_mean_of_equal_patients_has_students_interval_on_the_logit_scale() -> None:
    random = np.random.default_rng(0)
    right = random.integers(3, 10, size=40)
    cells = []
    for patient, number in enumerate(right):
        label = "all" if patient % 2 else "hem"
        other = "hem" if patient % 2 else "all"
        cells += [(str(patient), label, label if cell < number else other) for cell in range(10)]
    scores = calls(*cells, replicates=5000)
    shares = right[1::2] / 10
    value, error = shares.mean(), shares.std(ddof=1) / np.sqrt(20)
    reach = stats.t.ppf(0.975, 19) * error / (value * (1 - value))
    middle = np.log(value / (1 - value))
    sensitivity = scores.per_class["all"].scores["recall"]
    assert sensitivity.value == pytest.approx(value)
    assert sensitivity.low == pytest.approx(1 / (1 + np.exp(-(middle - reach))), abs=0.005)
    assert sensitivity.high == pytest.approx(1 / (1 + np.exp(-(middle + reach))), abs=0.005)


def test_patients_that_move_together_widen_the_interval(draw: Draw) -> None:
    predictions = draw(cells=30, patients=10)
    by_patient = evaluate(predictions, replicates=500)["accuracy"]
    alone = predictions.table.with_columns(patient=pl.lit(None, pl.String))
    by_cell = evaluate(Predictions(alone, TWO), replicates=500)["accuracy"]
    assert by_patient.high is not None
    assert by_patient.low is not None
    assert by_cell.high is not None
    assert by_cell.low is not None
    assert by_patient.high - by_patient.low > 1.5 * (by_cell.high - by_cell.low)


def test_a_class_of_a_single_patient_has_no_interval() -> None:
    scores = calls(("1", "all", "all"), ("1", "all", "hem"), ("2", "hem", "hem"), ("3", "hem", "all"))
    assert scores.per_class["all"].scores["recall"] == Score(0.5, reason="it rests on a single patient")
    assert scores["accuracy"] == Score(0.5, reason="it rests on a single patient")
    assert scores["balanced_accuracy"] == Score(0.5, reason="it rests on a single patient")
    assert scores.per_class["hem"].scores["recall"].low is not None


def test_the_accuracy_of_a_class_rests_on_what_pooled_scores_rest_on() -> None:
    many = [(f"{name}{patient}", name, name if cell > patient % 2 else "x") for name in ("x", "y", "z")
            for patient in range(4) for cell in range(5)]  # fmt: skip
    alone = "it rests on a single patient"
    large = calls(*many, *[("r", "r", "r" if cell else "x") for cell in range(6)])
    assert large["accuracy"].reason == alone
    assert [one.scores["accuracy"].reason for one in large.per_class.values()] == [alone] * 4
    rare = calls(*many, ("r", "r", "x"))
    assert rare["accuracy"].low is not None
    assert all(rare.per_class[name].scores["accuracy"].low is not None for name in "xyz")


def test_a_rare_class_of_a_single_patient_leaves_pooled_scores_their_interval() -> None:
    many = [(f"h{patient}", "hem", "hem" if cell else "all") for patient in range(6) for cell in range(4)]
    many += [
        (f"a{patient}", "all", "all" if cell > patient % 2 else "hem") for patient in range(6) for cell in range(4)
    ]
    scores = calls(*many, ("r", "rare", "rare"))
    assert scores["accuracy"].low is not None
    assert scores["weighted_f1"].low is not None
    assert scores["macro_f1"].reason == "it rests on a single patient"
    assert scores.notes[2] == (
        "A single patient holds all cells of 'rare': "
        "the intervals of pooled scores do not contain how this class varies."
    )


def test_faultless_patients_have_the_exact_bound_of_so_many_without_a_fault() -> None:
    cells = [(f"a{patient}", "all", "all") for patient in range(10)]
    cells += [(f"h{patient}", "hem", "hem" if patient else "all") for patient in range(5)]
    scores = calls(*cells)
    recall = scores.per_class["all"].scores["recall"]
    assert (recall.value, recall.high) == (1, 1)
    assert recall.low == pytest.approx(stats.binomtest(10, 10).proportion_ci(method="exact").low)
    never = calls(*[(patient, label, "all" if label == "hem" else "hem") for patient, label, _ in cells])
    assert never["accuracy"].low == 0
    assert never["accuracy"].high == pytest.approx(stats.binomtest(0, 15).proportion_ci(method="exact").high)


def test_patients_that_are_all_alike_say_nothing_of_the_spread() -> None:
    cells = [
        (f"{label}{patient}", label, call) for label in ("hem", "all") for patient in range(4) for call in TWO.names
    ]
    assert calls(*cells)["accuracy"] == Score(0.5, reason="every resample gives the same value")


def test_a_score_that_is_often_undefined_has_no_interval() -> None:
    cells = [(f"h{patient}", "hem", "hem") for patient in range(4)]
    cells += [(f"a{patient}", "all", "all" if patient == 0 else "hem") for patient in range(4)]
    precision = calls(*cells, replicates=1000).per_class["all"].scores["precision"]
    assert precision.value == 1
    assert precision.reason is not None
    assert re.fullmatch(r"not defined in \d+ % of the resamples", precision.reason)


def test_the_calibration_error_of_a_calibrated_model_reaches_down_to_0() -> None:
    random = np.random.default_rng(0)
    share = random.random(600)
    label = np.where(random.random(600) < share, "all", "hem")
    table = pl.DataFrame({"id": range(600), "label": label, "p_hem": 1 - share, "p_all": share})
    ece = evaluate(Predictions(table, TWO), replicates=300)["ece"]
    assert ece.value is not None
    assert 0 < ece.value < 0.1
    assert ece.low == 0
    shifted = table.with_columns(p_all=pl.col("p_all") ** 4, p_hem=1 - pl.col("p_all") ** 4)
    worse = evaluate(Predictions(shifted, TWO), replicates=300)["ece"]
    assert worse.low is not None
    assert worse.low > 0.1


def test_no_intervals_are_made_where_none_are_asked_for(draw: Draw) -> None:
    scores = evaluate(draw(), replicates=0)
    assert scores["accuracy"].low is None
    assert scores["accuracy"].reason is None
    assert scores.interval.method == "none"


def test_a_wider_level_gives_a_wider_interval(draw: Draw) -> None:
    narrow, wide = (evaluate(draw(), level=level, replicates=200)["roc_auc"] for level in (0.8, 0.99))
    assert wide.low is not None
    assert narrow.low is not None
    assert wide.low < narrow.low
