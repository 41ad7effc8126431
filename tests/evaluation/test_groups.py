from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from scipy.special import expit
from sklearn.metrics import roc_auc_score

from leukoscope.cohort.classes import Classes
from leukoscope.cohort.groups import ClassGroup, groups_from
from leukoscope.evaluation.groups import of_group, score_group
from leukoscope.evaluation.lineages import lineage_errors
from leukoscope.evaluation.scores import Score
from leukoscope.evaluation.scoring import Resampling
from leukoscope.evaluation.shares import share_of_rows
from leukoscope.evaluation.tallies import Material
from leukoscope.evaluation.units import Units
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


def erring(random: np.random.Generator, *, patients: int, cells: int = 20, spread: float = 1.5) -> Material:
    """Cells of a, all called wrong: b, of its lineage, or c; which of both, the patient says more than chance."""
    code = np.repeat(np.arange(patients), cells)
    kin = random.random(len(code)) < expit(spread * random.normal(size=patients))[code]
    units = Units(code, np.zeros(patients, np.int64), np.bincount(code), "patient")
    return Material(np.zeros_like(code), np.where(kin, 1, 2), None, FOUR, units)


def share_within(material: Material, how: Resampling) -> Score:
    number = material.units.number
    part = np.bincount(material.units.code[material.called == 1], minlength=number)
    return share_of_rows(part, np.bincount(material.units.code, minlength=number), material, how)


def by_cell(material: Material) -> Material:
    rows = np.arange(len(material.truth))
    return replace(material, units=Units(rows, material.truth, np.ones_like(rows), "cell"))


def test_the_share_has_an_interval_by_patient() -> None:
    material = erring(np.random.default_rng(0), patients=16)
    table = pl.DataFrame(
        {
            "id": range(len(material.truth)),
            "label": "a",
            "called": [FOUR.names[place] for place in material.called],
            "patient": [f"P{place}" for place in material.units.code],
        }
    )
    lineages = groups_from({}, {"ab": ["a", "b"]})
    found = lineage_errors(Predictions(table, FOUR), lineages).share
    alone = lineage_errors(Predictions(table.drop("patient"), FOUR), lineages).share
    assert found.value == alone.value
    assert 0 < found.low < found.value < found.high < 1  # type: ignore[operator]
    assert found.high - found.low > 2 * (alone.high - alone.low)  # type: ignore[operator]


def test_the_share_s_interval_holds_the_truth_where_one_by_cell_fails() -> None:
    # By symmetry half of the errors stay within the lineage.
    drawn = [erring(np.random.default_rng([seed, 2]), patients=14) for seed in range(150)]
    how = Resampling(replicates=100)
    held = np.mean([found.low <= 0.5 <= found.high for one in drawn if (found := share_within(one, how))])  # type: ignore[operator]
    cells = [share_within(by_cell(one), how) for one in drawn[:40]]
    assert 0.9 <= held <= 0.99
    assert np.mean([found.low <= 0.5 <= found.high for found in cells]) < 0.7  # type: ignore[operator]


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
