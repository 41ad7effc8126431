from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leukoscope.cohort.classes import Classes
from leukoscope.errors import DataError, LeukoscopeError, SettingsError
from leukoscope.evaluation import choose_threshold, point_scores
from leukoscope.predictions.table import Predictions

Draw = Callable[..., Predictions]
TWO = Classes(("hem", "all"))


def predictions(positive: list[float], labels: list[str | None]) -> Predictions:
    table = {"id": [str(row) for row in range(len(labels))], "label": labels, "p_all": positive}
    return Predictions(pl.DataFrame(table | {"p_hem": [1 - share for share in positive]}), TWO)


@settings(deadline=None, max_examples=25)
@given(
    seed=st.integers(0, 1000),
    maximize=st.sampled_from(["balanced_accuracy", "weighted_f1", "accuracy", "macro_f1", "mcc"]),
    ties=st.booleans(),
)
def test_no_other_threshold_is_better(draw: Draw, seed: int, maximize: str, ties: bool) -> None:
    validation = draw(seed=seed, skill=0.7, patients=6, cells=6, ties=ties)
    chosen = choose_threshold(validation, maximize=maximize)
    assert point_scores(validation, threshold=chosen.value)[maximize] == pytest.approx(chosen.achieved)
    for other in np.linspace(0, 1, 50):
        value = point_scores(validation, threshold=float(other))[maximize]
        assert value is None or value <= chosen.achieved + 1e-12


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 1000), sensitivity=st.sampled_from([0.3, 0.8, 0.95, 1.0]))
def test_the_largest_threshold_of_a_sensitivity_is_taken(draw: Draw, seed: int, sensitivity: float) -> None:
    validation = draw(seed=seed, skill=0.7, patients=6, cells=6)
    chosen = choose_threshold(validation, sensitivity=sensitivity)
    found = point_scores(validation, threshold=chosen.value)["sensitivity"]
    assert found == pytest.approx(chosen.achieved)
    assert chosen.achieved >= sensitivity
    next_score = validation.table.filter(pl.col("p_all") > chosen.value)["p_all"].min()
    if isinstance(next_score, float):
        above = point_scores(validation, threshold=float(np.nextafter(next_score, 1)))["sensitivity"]
        assert above is not None
        assert above < sensitivity


def test_of_equally_good_thresholds_the_one_nearest_to_a_half_is_taken() -> None:
    found = choose_threshold(predictions([0.1, 0.2, 0.8, 0.9], ["hem", "hem", "all", "all"]))
    assert found.as_json() == {"value": 0.5, "rule": "the largest balanced accuracy", "achieved": 1.0}
    two = predictions([0.2, 0.4, 0.6, 0.8], ["all", "hem", "all", "hem"])
    assert choose_threshold(two, maximize="accuracy").value == pytest.approx(0.5)


def test_probabilities_that_are_neighbours_are_told_apart() -> None:
    low = 0.5
    high = float(np.nextafter(low, 1))
    chosen = choose_threshold(predictions([low, high], ["hem", "all"]))
    assert chosen.achieved == 1
    assert chosen.value == high


def test_cells_without_label_are_passed_over() -> None:
    assert choose_threshold(predictions([0.1, 0.9, 0.3], ["hem", "all", None])).value == pytest.approx(0.5)


def test_a_sensitivity_names_itself_in_the_rule() -> None:
    found = choose_threshold(predictions([0.1, 0.5, 0.7], ["hem", "all", "all"]), sensitivity=0.5)
    assert found.rule == "the largest threshold with a sensitivity of at least 0.5"
    assert (found.value, found.achieved) == (pytest.approx(0.6), 0.5)


@pytest.mark.parametrize(
    ("asked", "error", "message"),
    [
        ({"maximize": "roc_auc"}, SettingsError, "A threshold cannot be chosen by 'roc_auc'."),
        ({"sensitivity": 1.2}, SettingsError, "A sensitivity must be a number from 0 to 1; got 1.2."),
    ],
)
def test_what_cannot_be_asked_for_is_refused(
    asked: dict[str, float | str], error: type[LeukoscopeError], message: str
) -> None:
    with pytest.raises(error) as caught:
        choose_threshold(predictions([0.1, 0.9], ["hem", "all"]), **asked)  # type: ignore[arg-type]
    assert str(caught.value).splitlines()[0] == message


def test_predictions_that_give_no_threshold_are_refused() -> None:
    with pytest.raises(DataError) as one_class:
        choose_threshold(predictions([0.1, 0.9], ["hem", "hem"]))
    assert str(one_class.value) == (
        "A threshold cannot be chosen: no cell here is labelled 'all'.\n"
        "  what to do: Take a larger validation part, or one with both classes."
    )
    calls = pl.DataFrame({"id": ["1"], "label": ["hem"], "called": ["hem"]})
    with pytest.raises(DataError) as no_shares:
        choose_threshold(Predictions(calls, TWO))
    assert str(no_shares.value) == (
        "A threshold can only be chosen with probabilities; these predictions hold called classes."
    )
    with pytest.raises(SettingsError, match=r"A threshold needs two classes\."):
        choose_threshold(Predictions(calls, Classes(("hem", "all", "other"))))


def test_a_class_without_patients_is_told_of_patients() -> None:
    one = Predictions(predictions([0.1, 0.9], ["all", "all"]).table, TWO, "patient")
    with pytest.raises(DataError, match="A threshold cannot be chosen: no patient here is labelled 'hem'"):
        choose_threshold(one)
