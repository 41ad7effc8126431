from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import roc_auc_score

from leukoscope.cohort.classes import Classes
from leukoscope.cohort.groups import ClassGroup, groups_from
from leukoscope.evaluation.groups import of_group, score_group
from leukoscope.evaluation.lineages import lineage_errors
from leukoscope.evaluation.scoring import Resampling
from leukoscope.evaluation.shares import share_of_rows
from leukoscope.predictions.table import Predictions

FOUR = Classes(("a", "b", "c", "d"), ("A cell", "B cell", "C cell", "D cell"))
PAIR = ClassGroup("pair", ("a", "b", "x"), "A or B")


def said(rows: int = 80, seed: int = 0, *, patients: bool = False) -> Predictions:
    random = np.random.default_rng(seed)
    truth = random.integers(0, 4, rows)
    logits = random.normal(size=(rows, 4)) + 1.5 * np.eye(4)[truth]
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    table = {f"p_{name}": shares[:, place] for place, name in enumerate(FOUR.names)}
    table |= {"id": [f"c{place}" for place in range(rows)], "label": [FOUR.names[each] for each in truth]}
    if patients:
        table["patient"] = [f"P{place % 9}" for place in range(rows)]
    return Predictions(pl.DataFrame(table), FOUR)


def test_the_probability_of_a_group_is_the_sum_of_its_classes() -> None:
    predictions = said()
    two = of_group(predictions, PAIR)
    assert two.classes.names == ("other", "pair")
    assert two.classes.positive == "pair"
    assert two.classes.titles == ("any other class", "A or B")
    assert two.probabilities()[:, 1] == pytest.approx(predictions.probabilities()[:, :2].sum(axis=1))
    member = predictions.table["label"].is_in(["a", "b"])
    assert (two.table["label"] == "pair").equals(member, check_names=False)


def test_its_roc_auc_is_that_of_the_summed_probability() -> None:
    test = said(seed=1)
    found = score_group(PAIR, said(), test, Resampling(replicates=100))
    truth = test.table["label"].is_in(["a", "b"]).to_numpy()
    expected = roc_auc_score(truth, test.probabilities()[:, :2].sum(axis=1))
    assert found.scores["roc_auc"].value == pytest.approx(expected)
    assert found.scores["roc_auc"].low is not None
    assert found.absent == ("x",)


def test_its_threshold_is_chosen_on_validation_and_not_on_the_test_part() -> None:
    validation = said(200)
    first = score_group(PAIR, validation, said(seed=1), Resampling(replicates=0))
    second = score_group(PAIR, validation, said(seed=2), Resampling(replicates=0))
    assert first.threshold is not None
    assert first.threshold == second.threshold
    assert first.scores.threshold == first.threshold.value


def test_without_both_sides_on_validation_a_half_is_taken() -> None:
    one_sided = Predictions(said().table.filter(pl.col("label").is_in(["c", "d"])), FOUR)
    for validation in (None, one_sided):
        found = score_group(PAIR, validation, said(seed=1), Resampling(replicates=0))
        assert found.threshold is None
        assert found.scores.threshold == 0.5
        assert found.as_json()["threshold"] is None


def test_called_classes_without_probabilities_are_mapped() -> None:
    table = pl.DataFrame({"id": ["1", "2", "3"], "label": ["a", "c", "b"], "called": ["b", "a", "d"]})
    found = score_group(PAIR, None, Predictions(table, FOUR), Resampling(replicates=0))
    assert found.scores["sensitivity"].value == 0.5
    assert found.scores["specificity"].value == 0
    assert found.scores["roc_auc"].value is None


def test_errors_within_a_lineage_are_counted_with_what_chance_would_give() -> None:
    table = pl.DataFrame(
        {
            "id": list("12345678"),
            "label": ["a", "a", "b", "b", "c", "c", "d", "d"],
            "called": ["b", "a", "a", "c", "d", "c", "d", "d"],
        }
    )
    found = lineage_errors(Predictions(table, FOUR), groups_from({}, {"ab": ["a", "b"]}), Resampling(replicates=0))
    assert found.names == ("ab", "C cell", "D cell")
    assert found.table == ((3, 1, 0), (0, 1, 1), (0, 0, 2))
    assert (found.errors, found.within) == (4, 2)
    assert found.share.value == 0.5
    # calls: a 2, b 1, c 2, d 3; of a's other calls 1 of 6 are b's, of b's 2 of 7 are a's, of c's none is of its lineage
    assert found.by_chance == pytest.approx(np.mean([1 / 6, 2 / 7, 2 / 7, 0]))


def test_the_share_has_an_interval_by_patient() -> None:
    found = lineage_errors(said(400, patients=True), groups_from({}, {"ab": ["a", "b"]}))
    assert found.share.low is not None
    assert found.share.high is not None
    assert 0 < found.share.low < found.share.value < found.share.high < 1  # type: ignore[operator]
    by_cell = lineage_errors(said(400), groups_from({}, {"ab": ["a", "b"]})).share
    assert by_cell.value == found.share.value


def test_without_errors_there_is_no_share() -> None:
    table = pl.DataFrame({"id": ["1", "2"], "label": ["a", "b"], "called": ["a", "b"]})
    found = lineage_errors(Predictions(table, FOUR), groups_from({}, {"ab": ["a", "b"]}))
    assert found.share.value is None
    assert found.share.reason == "there are none to take a share of"
    assert found.by_chance is None


def test_a_share_of_a_single_unit_has_no_interval() -> None:
    table = said(60, patients=True).table.with_columns(patient=pl.lit("P"))
    share = lineage_errors(Predictions(table, FOUR), groups_from({}, {"ab": ["a", "b"]})).share
    assert share.value is not None
    assert share.reason == "it rests on a single patient"


def test_nought_has_the_exact_bound_of_its_units() -> None:
    from leukoscope.evaluation.evaluate import material_of  # noqa: PLC0415 - only here

    material = material_of(said(50))
    part, whole = np.zeros(50, dtype=np.int64), np.ones(50, dtype=np.int64)
    found = share_of_rows(part, whole, material, Resampling(replicates=100))
    assert (found.value, found.low) == (0.0, 0.0)
    assert found.high == pytest.approx(1 - 0.025 ** (1 / 50))
