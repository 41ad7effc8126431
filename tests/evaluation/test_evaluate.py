from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sk

from leukoscope.cohort.classes import Classes
from leukoscope.errors import DataError, SettingsError
from leukoscope.evaluation import Scores, called, evaluate, point_scores
from leukoscope.predictions.table import Predictions

Draw = Callable[..., Predictions]
TWO = Classes(("hem", "all"))


def oracle(predictions: Predictions) -> dict[str, float]:
    """What scikit-learn says of predictions in which every class is there."""
    names = list(predictions.classes.names)
    truth, calls = predictions.table["label"].to_numpy(), called(predictions).to_numpy()
    shares = predictions.probabilities()
    place = np.array([names.index(name) for name in truth])
    found = {
        "accuracy": sk.accuracy_score(truth, calls),
        "balanced_accuracy": sk.balanced_accuracy_score(truth, calls),
        "mcc": sk.matthews_corrcoef(truth, calls),
        "log_loss": sk.log_loss(place, shares, labels=range(len(names))),
    }
    for average in ("weighted", "macro"):
        values = sk.precision_recall_fscore_support(truth, calls, average=average, labels=names, zero_division=0)
        found |= dict(zip([f"{average}_{name}" for name in ("precision", "recall", "f1")], values[:3], strict=True))
    if len(names) == 2:
        found |= {
            "roc_auc": sk.roc_auc_score(place, shares[:, 1]),
            "pr_auc": sk.average_precision_score(place, shares[:, 1]),
            "brier": sk.brier_score_loss(place, shares[:, 1]),
            "sensitivity": sk.recall_score(truth, calls, pos_label="all"),
            "specificity": sk.recall_score(truth, calls, pos_label="hem"),
        }
    else:
        hit = np.eye(len(names))[place]
        found |= {
            "roc_auc": sk.roc_auc_score(place, shares, multi_class="ovr", average="macro"),
            "pr_auc": sk.average_precision_score(hit, shares, average="macro"),
            "brier": ((shares - hit) ** 2).sum(axis=1).mean(),
        }
    return found


@settings(deadline=None, max_examples=30)
@given(
    seed=st.integers(0, 10_000),
    classes=st.integers(2, 5),
    skill=st.sampled_from([0.0, 1.0, 3.0]),
    ties=st.booleans(),
)
def test_every_score_is_what_scikit_learn_says(draw: Draw, seed: int, classes: int, skill: float, ties: bool) -> None:
    predictions = draw(seed=seed, classes=classes, patients=2 * classes, skill=skill, ties=ties)
    found = point_scores(predictions)
    for name, value in oracle(predictions).items():
        if found[name] is None:
            assert name == "mcc"  # scikit-learn says 0 where everything was called one class
            assert value == 0
        else:
            assert found[name] == pytest.approx(value, abs=1e-12), name


def test_scores_of_each_class_are_what_scikit_learn_says(draw: Draw) -> None:
    predictions = draw(classes=4, patients=12)
    scores = evaluate(predictions, replicates=0)
    truth, calls, shares = predictions.table["label"], called(predictions), predictions.probabilities()
    for place, (name, one) in enumerate(scores.per_class.items()):
        hit, said = (truth == name).to_numpy(), (calls == name).to_numpy()
        expected = {
            "accuracy": sk.accuracy_score(hit, said),
            "precision": sk.precision_score(hit, said),
            "recall": sk.recall_score(hit, said),
            "specificity": sk.recall_score(~hit, ~said),
            "f1": sk.f1_score(hit, said),
            "roc_auc": sk.roc_auc_score(hit, shares[:, place]),
            "pr_auc": sk.average_precision_score(hit, shares[:, place]),
        }
        assert {key: score.value for key, score in one.scores.items()} == pytest.approx(expected, abs=1e-12)
        assert list(one.scores)[-1] == "accuracy"  # near 1 for any rare class, so it comes last
        assert one.support == hit.sum()
    matrix = sk.confusion_matrix(truth, calls, labels=list(predictions.classes.names))
    assert scores.confusion == tuple(tuple(row) for row in matrix.tolist())


def test_of_two_classes_the_accuracy_is_told_once(draw: Draw) -> None:
    scores = evaluate(draw(), replicates=0)
    assert [sorted(one.scores) for one in scores.per_class.values()] == [
        ["f1", "pr_auc", "precision", "recall", "roc_auc", "specificity"]
    ] * 2


def test_an_intervals_bounds_lie_around_its_score_and_within_its_range(draw: Draw) -> None:
    scores = evaluate(draw(classes=3, patients=15), replicates=200)
    for name, score in scores.scores.items():
        assert score.low is not None, name
        assert score.high is not None, name
        assert score.value is not None
        assert (-1 if name == "mcc" else 0) <= score.low < score.value < score.high, name


def test_the_same_seed_gives_the_same_scores_and_another_one_others(draw: Draw) -> None:
    first, again, other = (evaluate(draw(), replicates=200, seed=seed).as_json() for seed in (1, 1, 2))
    assert first == again
    assert first["scores"]["accuracy"]["low"] != other["scores"]["accuracy"]["low"]


def test_called_classes_only_are_scored_as_far_as_they_go() -> None:
    table = pl.DataFrame(
        {
            "id": list("abcdef"),
            "patient": ["1", "1", "2", "3", "4", "4"],
            "label": ["all", "all", "all", "hem", "hem", "hem"],
            "called": ["all", "hem", "all", "hem", "hem", "all"],
        }
    )
    scores = evaluate(Predictions(table, TWO), replicates=100)
    assert scores["accuracy"].value == pytest.approx(4 / 6)
    for name in ("roc_auc", "pr_auc", "brier", "ece", "log_loss"):
        assert scores[name].value is None
        assert scores[name].reason == "the predictions are called classes without probabilities"
    assert scores.curves == {"roc": {}, "pr": {}, "calibration": []}
    assert scores.threshold is None
    assert scores.by_patient["called"].to_list() == ["hem", "all", "all", "all"]  # ties fall to the positive class
    assert scores.by_patient["score"].null_count() == 4


def test_a_threshold_moves_calls_of_cells_and_patients(draw: Draw) -> None:
    predictions = draw(skill=0.5)
    low, high = (evaluate(predictions, threshold=value, replicates=0) for value in (0.0, 1.0))
    assert low["sensitivity"].value == 1
    assert high["specificity"].value == 1
    assert set(low.by_patient["called"]) == {"all"}
    assert set(high.by_patient["called"]) == {"hem"}
    assert low["roc_auc"] == high["roc_auc"]
    assert low.threshold == 0


def test_cells_without_label_are_left_out_and_counted(draw: Draw) -> None:
    predictions = draw()
    more = predictions.table.with_columns(
        label=pl.when(pl.int_range(pl.len()) < 2).then(None).otherwise("label"),
    )
    scores = evaluate(Predictions(more, TWO), replicates=0)
    assert scores.cells == predictions.table.height - 2
    assert "2 cells without label: left out of every score." in scores.notes


def test_nothing_to_score_is_an_error_that_says_what_to_do(draw: Draw) -> None:
    empty = draw().table.with_columns(label=pl.lit(None, pl.String))
    with pytest.raises(DataError) as caught:
        evaluate(Predictions(empty, TWO))
    assert str(caught.value) == (
        "No cell of these predictions has a label, so nothing can be scored.\n"
        "  what to do: Give a table of the true labels: --labels."
    )


def test_an_absent_class_is_left_out_of_the_macro_averages(draw: Draw) -> None:
    three = draw(classes=3)
    part = Predictions(three.table.filter(pl.col("label") != "c"), three.classes)
    scores = evaluate(part, replicates=0)
    assert scores.per_class["c"].scores["recall"].reason == "none is 'c'"
    assert scores.per_class["c"].scores["roc_auc"].reason == "none is 'c'"
    assert scores.per_class["c"].scores["accuracy"].reason == "none is 'c'"
    recalls = [scores.per_class[name].scores["recall"].value for name in ("hem", "all")]
    assert scores["macro_recall"].value == pytest.approx(np.mean([value for value in recalls if value is not None]))
    assert "No cell is 'c': the class is left out of macro averages." in scores.notes


def test_a_part_of_one_class_says_what_cannot_be_known(draw: Draw) -> None:
    two = draw()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        scores = evaluate(Predictions(two.table.filter(pl.col("label") == "all"), TWO), replicates=100)
    assert scores["specificity"].reason == "every one is 'all'"
    assert scores["roc_auc"].reason == "every one is 'all'"
    assert scores["balanced_accuracy"].reason == "every one is 'all'"
    assert scores["mcc"].reason == "every one is 'all'"
    assert scores["sensitivity"].value == scores["accuracy"].value


def test_a_class_that_was_never_called_has_no_precision_but_counts_as_0_in_averages() -> None:
    table = pl.DataFrame({"id": list("abc"), "label": ["hem", "hem", "all"], "called": ["hem", "hem", "hem"]})
    scores = evaluate(Predictions(table, TWO), replicates=0)
    assert scores.per_class["all"].scores["precision"].reason == "nothing was called 'all'"
    assert scores["macro_precision"].value == pytest.approx(1 / 3)
    assert scores["mcc"].reason == "all were called the same class"


def test_without_patients_the_unit_is_the_cell_and_the_method_says_so(draw: Draw) -> None:
    scores = evaluate(draw(known=False), replicates=100)
    assert scores.interval.unit == "cell"
    assert scores.interval.method == (
        "bootstrap of single cells, as no patients are known, within each class, Student's t on the logit scale"
    )
    assert scores.patients is None
    assert scores.groups == scores.cells
    assert scores.patient_scores is None
    assert scores.notes == (
        "No patients are known: cells of one patient are alike, so the intervals, drawn by cell, may be too narrow.",
        "Patients are not scored: none is known.",
    )


def test_linked_patients_are_drawn_together(draw: Draw) -> None:
    predictions = draw(patients=12)
    joined = predictions.table.with_columns(group=pl.col("patient").replace({"P0": "P0+P2", "P2": "P0+P2"}))
    scores = evaluate(Predictions(joined, TWO), replicates=100)
    assert (scores.patients, scores.groups) == (12, 11)
    assert scores.interval.unit == "linked group of patients"
    assert scores.patient_interval is not None
    assert scores.patient_interval.clusters == 11


def test_the_part_is_named_where_there_is_one(draw: Draw) -> None:
    table = draw().table
    test = Predictions(table.with_columns(part=pl.lit("test")), TWO)
    mixed = Predictions(table.with_columns(part=pl.when(pl.int_range(pl.len()) < 5).then(pl.lit("test"))), TWO)
    assert evaluate(test, replicates=0).part == "test"
    assert evaluate(mixed, replicates=0).part == "all"


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"level": 1.0}, "The level of intervals must lie between 0 and 1; got 1."),
        (
            {"replicates": 20},
            "Intervals need 100 replicates or more; got 20.\n  what to do: Ask for 0 to have no intervals.",
        ),
        ({"threshold": 1.5}, "A threshold must be a number from 0 to 1; got 1.5."),
    ],
)
def test_settings_that_make_no_sense_are_refused(draw: Draw, asked: dict[str, float], message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        evaluate(draw(), **asked)  # type: ignore[arg-type]
    assert str(caught.value) == message


def test_a_score_that_there_is_not_is_named_with_the_nearest(draw: Draw) -> None:
    scores: Scores = evaluate(draw(), replicates=0)
    with pytest.raises(SettingsError, match="There is no score 'weighted_f'") as caught:
        _ = scores["weighted_f"]
    assert "Did you mean 'weighted_f1'?" in str(caught.value)


def test_own_calls_beside_probabilities_are_scored_and_noted(draw: Draw) -> None:
    predictions = draw()
    table = predictions.table.with_columns(called=pl.lit("all"))
    own = evaluate(Predictions(table, TWO), replicates=0)
    assert own["sensitivity"].value == 1
    assert own.threshold is None
    assert set(own.by_patient["called"]) == {"all"}
    assert "The calls are the predictions' own, not those of a threshold." in own.notes
    assert own["roc_auc"] == evaluate(predictions, replicates=0)["roc_auc"]
    decided = evaluate(Predictions(table, TWO), threshold=0.5, replicates=0)
    assert decided["accuracy"] == evaluate(predictions, replicates=0)["accuracy"]
    assert decided.threshold == 0.5


def test_patients_are_scored_once_and_called_patients(draw_sick: Draw) -> None:
    sick = draw_sick()
    unlabelled = sick.table.with_columns(label=pl.when(pl.int_range(pl.len()) > 0).then("label"))
    scores = evaluate(Predictions(unlabelled, sick.classes, "patient"), replicates=100)
    assert (scores.unit, scores.cells, scores.patients, scores.groups) == ("patient", 37, 37, 37)
    assert (scores.interval.unit, scores.interval.clusters) == ("patient", 37)
    assert scores.by_patient.height == 0
    assert scores.patient_scores is scores.patient_interval is None
    assert scores.notes == (
        "Patients are taken as they are named: whether two of them share pictures was not looked at.",
        "1 patient without label: left out of every score.",
    )
    assert "cell" not in repr(scores)
    assert "cell" not in scores._repr_html_()


def test_patients_score_as_the_same_rows_as_cells_do(draw_sick: Draw) -> None:
    sick = draw_sick()
    as_cells = evaluate(Predictions(sick.table, sick.classes), replicates=100)
    found = evaluate(sick, replicates=100)
    assert {name: str(score) for name, score in found.scores.items()} == {
        name: str(score) for name, score in as_cells.scores.items()
    }


def test_a_class_without_patients_is_called_so(draw: Draw) -> None:
    three = draw(classes=3, cells=1).table.group_by("patient", maintain_order=True).first().with_columns(id="patient")
    part = Predictions(three.filter(pl.col("label") != "c"), Classes(("hem", "all", "c")), "patient")
    assert "No patient is 'c': the class is left out of macro averages." in evaluate(part, replicates=0).notes
    nobody = Predictions(part.table.with_columns(label=pl.lit(None, pl.String)), part.classes, "patient")
    with pytest.raises(DataError, match="No patient of these predictions has a label"):
        evaluate(nobody)
