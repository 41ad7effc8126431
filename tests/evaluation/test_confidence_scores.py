from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from leukoscope.cohort.classes import Classes
from leukoscope.evaluation import Confidence, confidence_scores, evaluate, fit_confidence
from leukoscope.evaluation.scoring import Resampling
from leukoscope.predictions.table import Predictions

Draw = Callable[..., Predictions]


def rule(least: float | None, classes: tuple[str, ...] = ("hem", "all")) -> Confidence:
    return Confidence(0.9, least, 0.9, 1.0, 10, None, classes)


def test_shares_are_those_that_one_counts_by_hand() -> None:
    # P: two called rightly, one referred; Q: one called wrongly.
    table = pl.DataFrame({"id": list("abcd"), "patient": list("PPPQ"), "label": ["all", "hem", "all", "hem"],
                          "p_all": [0.9, 0.1, 0.6, 0.95]})  # fmt: skip
    said = Predictions(table.with_columns(p_hem=1 - pl.col("p_all")), Classes(("hem", "all")))
    found = confidence_scores(rule(0.8), said, None, Resampling(replicates=0))
    assert (found.cells, found.patients, found.called) == (4, 2, 3)
    assert found.referred.value == pytest.approx(1 / 6)  # a third of P, none of Q
    assert found.accuracy.value == pytest.approx((2 / 3) / (2 / 3 + 1))
    assert found.accuracy_of_all.value == pytest.approx(0.5)
    assert found.referred_of["all"].value == pytest.approx(0.5)
    assert found.accuracy_of["hem"].value == pytest.approx((1 / 3) / (1 / 3 + 1))


def test_without_patients_every_cell_weighs_the_same_and_the_accuracy_is_that_of_evaluate(draw: Draw) -> None:
    said = draw(known=False)
    found = confidence_scores(rule(0.0), said, None)
    assert found.referred.value == 0
    whole = evaluate(said).scores["accuracy"]
    assert found.accuracy.value == pytest.approx(whole.value)
    assert found.accuracy.low == pytest.approx(whole.low, abs=0.02)
    assert found.patients is None


def test_where_every_cell_is_referred_there_is_no_accuracy_of_the_rest(draw: Draw) -> None:
    found = confidence_scores(rule(None), draw(), None)
    assert (found.referred.value, found.called) == (1.0, 0)
    assert (found.accuracy.value, found.accuracy.reason) == (None, "there are none to take a share of")
    assert found.accuracy_of_all.value is not None
    json.dumps(found.as_json(), allow_nan=False)


def test_cells_without_label_are_left_out(draw: Draw) -> None:
    said = draw()
    blank = said.table.with_columns(label=pl.when(pl.int_range(pl.len()) >= 5).then("label"))
    whole = confidence_scores(rule(0.7), Predictions(blank, said.classes), None)
    kept = confidence_scores(rule(0.7), Predictions(blank.slice(5), said.classes), None)
    assert whole == kept


def test_three_classes_are_scored_alike(draw: Draw) -> None:
    said = draw(classes=3)
    found = confidence_scores(rule(0.6, said.classes.names), said, None)
    assert set(found.accuracy_of) == set(found.referred_of) == set(said.classes.names)
    without = confidence_scores(rule(0.6, said.classes.names), said, None, by_class=False)
    assert without == replace(found, referred_of={}, accuracy_of={})
    assert 0 < (found.referred.value or 0) < 1
    assert (found.accuracy.value or 0) > (found.accuracy_of_all.value or 1)


def test_intervals_are_drawn_by_patient_and_hold_the_truth(draw: Draw) -> None:
    """Of 40 drawn cohorts the interval misses the accuracy of the whole population in a few at most."""
    truth_rule = rule(0.75)
    population = confidence_scores(truth_rule, draw(seed=999, patients=4000, cells=10), None, Resampling(replicates=0))
    missed = 0
    for seed in range(40):
        known, how = draw(seed=seed, patients=24), Resampling(replicates=200)
        found = confidence_scores(truth_rule, known, None, how, by_class=False).accuracy
        missed += not (found.low or 0) <= (population.accuracy.value or 0) <= (found.high or 0)
    assert missed <= 6


def test_what_is_reached_on_validation_is_reached_on_many_others(draw: Draw) -> None:
    fitted = fit_confidence(draw(seed=1, patients=600), 0.9)
    found = confidence_scores(fitted, draw(seed=2, patients=600), None, Resampling(replicates=0))
    assert found.accuracy.value == pytest.approx(0.9, abs=0.03)
    assert found.referred.value == pytest.approx(1 - fitted.kept, abs=0.03)
    assert np.isfinite(fitted.least or 0)
