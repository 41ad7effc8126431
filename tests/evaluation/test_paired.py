"""Is one of two models better? The test must find it, and cry wolf only as often as it says."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl
import pytest
from scipy.special import expit

from leukoscope.cohort.classes import Classes
from leukoscope.errors import DataError, SettingsError
from leukoscope.evaluation import PairedDifference, compare_pair, point_scores
from leukoscope.predictions.table import Predictions

Draw = Callable[..., Predictions]
PAIR = Classes(("reactive", "tumoral"))


def two_models(
    seed: int, patients: int, *, cells: bool = False, edge: float = 0.0, shift: float = 2.0
) -> tuple[Predictions, Predictions]:
    """Two models that see the same patients and share most of their errors; the first is ``edge`` better."""
    random = np.random.default_rng([seed, 5])
    truth = np.arange(patients) % 2
    size = random.integers(4, 20, patients) if cells else np.ones(patients, dtype=int)
    code = np.repeat(np.arange(patients), size)
    shared, found = random.normal(0, 0.8, patients), []
    for better in (edge, 0.0):
        of_patient = (shift + better) * (truth - 0.5) + shared + random.normal(0, 0.6, patients)
        share = expit(of_patient[code] + (0.7 * random.normal(size=len(code)) if cells else 0))
        table = {
            "id": [f"{row}" for row in range(len(code))],
            "patient": [f"{one}" for one in code],
            "label": np.array(PAIR.names)[truth[code]],
            "p_reactive": 1 - share,
            "p_tumoral": share,
        }
        found.append(Predictions(pl.DataFrame(table), PAIR, "cell" if cells else "patient"))
    return found[0], found[1]


def rejected(cohorts: int, patients: int, score: str, *, cells: bool = False, edge: float = 0.0) -> float:
    ps = []
    for seed in range(cohorts):
        first, second = two_models(seed, patients, cells=cells, edge=edge)
        ps.append(compare_pair(first, second, score=score, replicates=200).p)
    return float(np.mean([p is not None and p < 0.05 for p in ps]))


@pytest.mark.parametrize(("score", "cells"), [("balanced_accuracy", False), ("roc_auc", False), ("roc_auc", True)])
def test_equal_models_are_told_apart_about_one_time_in_twenty(score: str, cells: bool) -> None:
    rate = rejected(100, 60, score, cells=cells)
    assert rate <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 100)
    # That it does reject where there is something to find is the other half.
    assert rejected(12, 60, score, cells=cells, edge=2.0) >= 0.75


@pytest.mark.torture
@pytest.mark.parametrize("patients", [40, 80, 160])
@pytest.mark.parametrize("cells", [False, True])
@pytest.mark.parametrize("score", ["roc_auc", "balanced_accuracy", "brier"])
def test_the_rate_under_the_null(score: str, cells: bool, patients: int) -> None:
    rate = rejected(1000, patients, score, cells=cells)
    print(score, "cells" if cells else "patients", patients, rate)  # noqa: T201 - the figures of the docs
    assert 0.005 <= rate <= 0.085


def test_a_difference_is_that_of_the_scores_and_its_sign_turns() -> None:
    first, second = two_models(1, 40, edge=1.0)
    found, turned = compare_pair(first, second), compare_pair(second, first)
    assert found.first == point_scores(first)["roc_auc"]
    assert found.second == point_scores(second)["roc_auc"]
    assert found.difference == pytest.approx(found.first - found.second)
    assert (found.unit, found.clusters) == ("patient", 40)
    assert found.low is not None
    assert found.high is not None
    assert found.low < found.difference < found.high
    assert turned.difference == pytest.approx(-found.difference)
    assert turned.p == pytest.approx(found.p)
    assert (turned.low, turned.high) == pytest.approx((-found.high, -found.low))


def test_interval_and_p_say_the_same() -> None:
    for seed in range(20):
        found = compare_pair(*two_models(seed, 40, edge=0.7), replicates=200)
        assert found.low is not None
        assert found.high is not None
        assert found.p is not None
        assert (found.low <= 0 <= found.high) == (found.p >= 0.05)


def test_no_interval_reaches_beyond_what_a_difference_can_be() -> None:
    wide = [compare_pair(*two_models(seed, 6, edge=3.0), replicates=200) for seed in range(30)]
    bounds = [(found.low, found.high) for found in wide if found.low is not None and found.high is not None]
    assert bounds
    assert all(-1 <= low <= high <= 1 for low, high in bounds)
    assert any(high == 1 for _, high in bounds)


def test_the_order_of_rows_does_not_matter() -> None:
    first, second = two_models(2, 40, cells=True)
    turned = Predictions(second.table.sort("p_tumoral"), PAIR)
    assert compare_pair(first, turned, score="brier") == compare_pair(first, second, score="brier")


def test_pairing_is_worth_it() -> None:
    """Two models with the same errors are compared closely; two with others are not."""
    first, second = two_models(3, 60)
    shuffled = second.table.with_columns(pl.col("p_reactive", "p_tumoral").shuffle(seed=1).over("label"))
    near, far = compare_pair(first, second), compare_pair(first, Predictions(shuffled, PAIR, "patient"))
    assert near.low is not None
    assert near.high is not None
    assert far.low is not None
    assert far.high is not None
    assert near.high - near.low < far.high - far.low


def test_a_model_against_itself_is_no_difference(draw: Draw) -> None:
    found = compare_pair(draw(), draw(), score="balanced_accuracy")
    assert (found.difference, found.low, found.high, found.p) == (0, None, None, 1.0)
    assert str(found).endswith(": +0.000 (no interval: every resample gives the same difference)")


def test_linked_patients_are_drawn_together_if_one_side_knows_them(draw: Draw) -> None:
    first, second = draw(), draw()
    joined = first.table.with_columns(group=pl.col("patient").replace({"P0": "P0+P2", "P2": "P0+P2"}))
    found = compare_pair(Predictions(joined, first.classes), second)
    assert (found.unit, found.clusters) == ("linked group of patients", 11)


def test_several_classes_are_compared_too(draw: Draw) -> None:
    first, second = draw(classes=4, skill=2.5), draw(classes=4, skill=0.5)
    found = compare_pair(first, second, score="macro_f1", replicates=200)
    assert found.difference > 0
    assert found.p is not None
    assert found.p < 0.05


def test_a_difference_reads_as_one_line() -> None:
    one = PairedDifference("roc_auc", 0.97, 0.91, 0.06, 0.01, 0.11, 0.0214, 0.95, "patient", 81, 2000, 0)
    assert str(one) == "ROC AUC 0.970 against 0.910: +0.060 (+0.010 to +0.110), p = 0.021"
    assert one.as_json()["p"] == 0.0214


def changed(predictions: Predictions, **columns: pl.Expr) -> Predictions:
    return Predictions(predictions.table.with_columns(**columns), predictions.classes, predictions.unit)


def test_other_rows_labels_and_patients_are_refused(draw: Draw) -> None:
    one = draw()
    fewer = Predictions(one.table.head(-3), one.classes)
    same = "\n  what to do: Compare two models on the same rows: the same part of the same split."
    with pytest.raises(DataError) as caught:
        compare_pair(one, fewer)
    last = one.table.sort("id").join(fewer.table, on="id", how="anti")["id"]
    assert str(caught.value) == (
        f"The second model has no prediction for {last[0]!r}.\n  where: id {last[0]} (and 2 more){same}"
    )
    first = pl.col("id") == "cell0"
    with pytest.raises(DataError) as caught:
        compare_pair(one, changed(one, label=pl.when(first).then(pl.lit("all")).otherwise("label")))
    assert str(caught.value) == (
        f"The label is 'hem' in the first predictions and 'all' in the second.\n  where: id cell0{same}"
    )
    with pytest.raises(DataError, match="The label is 'hem' in the first predictions and None in the second"):
        compare_pair(one, changed(one, label=pl.when(~first).then("label")))
    with pytest.raises(DataError, match="The patient is 'P0' in the first predictions and 'P9' in the second"):
        compare_pair(one, changed(one, patient=pl.when(first).then(pl.lit("P9")).otherwise("patient")))
    twice = Predictions(pl.concat([one.table, one.table.head(1)]), one.classes)
    with pytest.raises(DataError, match="The id 'cell0' stands twice"):
        compare_pair(one, twice)
    with pytest.raises(DataError, match="These predictions are of other classes or units"):
        compare_pair(one, draw(classes=3))


def test_scores_that_cannot_be_compared_are_refused(draw: Draw) -> None:
    with pytest.raises(SettingsError, match="Two models cannot be compared by 'roc_au'") as caught:
        compare_pair(draw(), draw(), score="roc_au")
    assert "Did you mean 'roc_auc'?" in str(caught.value)
    with pytest.raises(SettingsError, match="Two models cannot be compared by 'ece'"):
        compare_pair(draw(), draw(), score="ece")
    with pytest.raises(SettingsError, match="A paired comparison needs resamples"):
        compare_pair(draw(), draw(), replicates=0)
    one = draw()
    part = Predictions(one.table.filter(pl.col("label") == "all"), one.classes)
    with pytest.raises(DataError) as undefined:
        compare_pair(part, part)
    assert str(undefined.value) == (
        f"The ROC AUC is not defined on {part.table.height} rows of these predictions; it needs probabilities.\n"
        "  what to do: Give labelled rows of every class."
    )
