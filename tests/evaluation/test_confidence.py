from __future__ import annotations

import json
from collections.abc import Callable

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leukoscope.cohort.classes import Classes
from leukoscope.errors import DataError, SettingsError
from leukoscope.evaluation import Confidence, fit_confidence
from leukoscope.evaluation.calling import decide, places
from leukoscope.evaluation.confidence import confidences, patient_weights
from leukoscope.predictions.table import Predictions

Draw = Callable[..., Predictions]
PAIR = Classes(("hem", "all"))


def of(labels: str, shares: list[float], patients: list[str] | None = None) -> Predictions:
    """Return cells, ``h`` or ``a``, with the probability of ``all``."""
    named = {"h": "hem", "a": "all"}
    table = {"id": [str(row) for row in range(len(labels))], "label": [named[one] for one in labels]}
    table |= {"patient": patients} if patients else {}
    shared = {"p_hem": [1 - one for one in shares], "p_all": shares}
    return Predictions(pl.DataFrame(table | shared), PAIR)


def test_the_rule_lies_between_the_last_cell_that_is_called_and_the_first_that_is_referred() -> None:
    # From 0.8 on nine of ten are right; with the next two, which are wrong, nine of twelve.
    known = of("a" * 9 + "h" + "aa", [0.9] * 9 + [0.8, 0.3, 0.3])
    found = fit_confidence(known, 0.9)
    assert found.least == pytest.approx((0.8 + 0.7) / 2)
    assert (found.reached, found.kept, found.cells, found.patients) == (pytest.approx(0.9), 10 / 12, 12, None)
    assert found.refers(confidences(known.probabilities(), PAIR, None)).tolist() == [False] * 10 + [True, True]


def test_where_all_are_right_enough_none_is_referred_however_unsure() -> None:
    found = fit_confidence(of("ah" * 20, [0.6, 0.4] * 20), 0.95)
    assert (found.least, found.reached, found.kept) == (0.0, 1.0, 1.0)
    assert not found.refers(np.array([0.0, 0.01])).any()


def test_an_accuracy_that_cannot_be_reached_refers_every_cell_and_says_so() -> None:
    found = fit_confidence(of("ah" * 20, [0.9] * 40), 0.95)
    assert (found.least, found.kept) == (None, 0.0)
    assert found.refers(np.array([1.0, 0.9])).all()
    assert len(found.notes) == 1
    assert found.notes[0] == (
        "An accuracy of 95 % cannot be reached: of the 40 surest validation cells 50.0 % were called rightly. "
        "So every cell is referred."
    )
    assert str(found) == "every cell is referred: an accuracy of 0.95 cannot be reached"


def test_a_handful_of_sure_cells_proves_no_accuracy() -> None:
    """Ten cells that are right cannot tell 0.95 from 1; twenty can."""
    few = of("a" * 10 + "h" * 10, [0.99] * 10 + [0.9] * 10)
    assert fit_confidence(few, 0.95).least is None
    many = of("a" * 20 + "h" * 10, [0.99] * 20 + [0.9] * 10)
    assert fit_confidence(many, 0.95).least == pytest.approx(0.945)


def test_patients_weigh_alike_however_many_cells_they_have() -> None:
    # P has 100 cells that are right, Q and R two each, one of them wrong and as sure.
    patients = ["P"] * 100 + ["Q", "Q", "R", "R"]
    labels, shares = "a" * 100 + "ahah", [0.9] * 104
    alike = fit_confidence(of(labels, shares, patients), 0.9)
    assert (alike.least, alike.reached) == (None, pytest.approx(2 / 3))
    assert "66.7 % were called rightly, patients weighing alike." in alike.notes[0]
    assert fit_confidence(of(labels, shares), 0.9).least == 0
    assert alike.notes[1] == (
        "The rule rests on 3 validation patients: on others the accuracy may be far from what it reached on these."
    )


def test_cells_without_patient_weigh_as_one_patient_among_others() -> None:
    assert patient_weights(pl.Series(["P", None, "P", None, None])).tolist() == pytest.approx(
        [1 / 2, 1 / 3, 1 / 2, 1 / 3, 1 / 3]
    )
    assert patient_weights(pl.Series([None, None], dtype=pl.String)).tolist() == [1, 1]


def test_the_threshold_says_what_is_called_and_the_confidence_is_of_that_class() -> None:
    known = of("a" * 20 + "h" * 20, [0.35] * 20 + [0.1] * 20)
    assert fit_confidence(known, 0.9, 0.3).least == 0
    strict = fit_confidence(known, 0.9)
    # At 0.5 the ill are called healthy, with 0.65: only those that are surer than that are kept.
    assert strict.least == pytest.approx((0.9 + 0.65) / 2)


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 10_000), accuracy=st.sampled_from([0.7, 0.8, 0.9, 0.95]), classes=st.sampled_from([2, 3]))
def test_it_is_the_smallest_that_reaches_what_was_asked(draw: Draw, seed: int, accuracy: float, classes: int) -> None:
    known = draw(seed=seed, classes=classes, patients=12, cells=8)
    found, shares = fit_confidence(known, accuracy), known.probabilities()
    sure = confidences(shares, known.classes, None)
    right = decide(shares, known.classes, None) == places(known.table["label"], known.classes)
    weights = patient_weights(known.table["patient"])

    def reached(least: float) -> float:
        kept = sure >= least
        return float((weights * right)[kept].sum() / weights[kept].sum())

    enough = np.sort(sure)[::-1][int(np.ceil(1 / (1 - accuracy) - 1e-12)) - 1]
    good = [one for one in np.unique(sure) if one <= enough and reached(one) >= accuracy - 1e-12]
    if found.least is None:
        assert not good
        return
    assert found.reached == pytest.approx(reached(found.least))
    assert found.reached >= accuracy - 1e-12
    assert (sure >= found.least).sum() == (sure >= min(good)).sum()
    assert found.kept == pytest.approx(weights[sure >= found.least].sum() / weights.sum())


def test_a_rule_comes_back_from_json_and_says_itself() -> None:
    found = fit_confidence(of("a" * 9 + "h" + "aa", [0.9] * 9 + [0.8, 0.3, 0.3]), 0.9)
    assert Confidence.from_json(json.loads(json.dumps(found.as_json(), allow_nan=False))) == found
    assert str(found) == (
        "a cell is called from a probability of 0.750 on, and else referred: 83.3 % of validation were called, 90.0 % "
        "of them rightly (90 % wanted)"
    )
    with pytest.raises(DataError, match=r"^This is no rule for referring cells: its probability is 7\.$"):
        Confidence.from_json(found.as_json() | {"least": 7})
    with pytest.raises(DataError, match=r"^This is no rule for referring cells: 'notes'\.$"):
        Confidence.from_json({"classes": []})


def test_what_makes_no_sense_is_refused(draw: Draw, draw_sick: Draw) -> None:
    with pytest.raises(SettingsError) as caught:
        fit_confidence(draw(), 1.0)
    assert str(caught.value) == "An accuracy must lie between 0 and 1; got 1.\n  where: refer.accuracy"
    with pytest.raises(SettingsError) as caught:
        fit_confidence(draw_sick(), 0.9)
    assert str(caught.value) == (
        "Cells are referred by their confidence; patients by a band.\n  what to do: Set refer.coverage."
    )
    unlabelled = draw().table.with_columns(label=pl.lit(None, pl.String))
    with pytest.raises(DataError, match="No cell of these predictions has a label"):
        fit_confidence(Predictions(unlabelled, PAIR), 0.9)
    calls = Predictions(pl.DataFrame({"id": ["x"], "called": ["all"], "label": ["all"]}), PAIR)
    with pytest.raises(DataError, match="Only probabilities can tell how sure a model is"):
        fit_confidence(calls, 0.9)
