from __future__ import annotations

import contextlib
import json
from collections.abc import Callable

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leukoscope.cohort.classes import Classes
from leukoscope.errors import DataError, LeukoscopeWarning, SettingsError
from leukoscope.evaluation import Calibrator, calibration_gain, fit_calibrator
from leukoscope.predictions.table import Predictions

Draw = Callable[..., Predictions]
PAIR = Classes(("reactive", "tumoral"))


def of(labels: list[str], shares: list[float]) -> Predictions:
    table = {"id": [str(row) for row in range(len(labels))], "label": labels, "p_tumoral": shares}
    return Predictions(pl.DataFrame(table | {"p_reactive": [1 - one for one in shares]}), PAIR, "patient")


def test_platt_finds_how_much_too_sure_a_model_is(draw_sick: Draw) -> None:
    fitted = fit_calibrator(draw_sick(patients=20_000, too_sure=3.0), "platt")
    assert fitted.slope == pytest.approx(1 / 3, rel=0.05)
    assert fitted.offset == pytest.approx(0, abs=0.05)
    assert fit_calibrator(draw_sick(patients=20_000, too_sure=3.0), "temperature").slope == pytest.approx(
        1 / 3, rel=0.1
    )


def test_what_is_well_calibrated_is_hardly_changed(draw_sick: Draw) -> None:
    fitted = fit_calibrator(draw_sick(patients=20_000), "platt")
    assert fitted.slope == pytest.approx(1, rel=0.05)


def test_patients_told_apart_without_fault_do_not_become_certainties() -> None:
    known = of(["reactive"] * 5 + ["tumoral"] * 5, [0.01] * 5 + [0.99] * 5)
    for kind in ("platt", "isotonic"):
        with pytest.warns(LeukoscopeWarning) if kind == "isotonic" else contextlib.nullcontext():
            fitted = fit_calibrator(known, kind)
        found = fitted.apply(known).table["p_tumoral"].to_list()
        # Platt's smoothed targets are 6/7 and 1/7; isotonic steps stop at 1 / 12.
        edge = 1 / 7 if kind == "platt" else 1 / 12
        assert found == pytest.approx([edge] * 5 + [1 - edge] * 5, abs=1e-3)


def test_the_logit_goes_along_and_the_one_from_before_is_kept(draw_sick: Draw) -> None:
    before = draw_sick(too_sure=3.0)
    after = fit_calibrator(before, "platt").apply(before)
    shares = after.table["p_tumoral"].to_numpy()
    assert after.table["logit"].to_numpy() == pytest.approx(np.log(shares / (1 - shares)), rel=1e-6)
    assert after.table["raw_logit"].equals(before.table["logit"].alias("raw_logit"))
    assert after.table["id"].equals(before.table["id"])
    assert after.unit == "patient"
    with pytest.raises(DataError) as caught:
        fit_calibrator(before, "platt").apply(after)
    assert str(caught.value) == (
        "These probabilities were calibrated before.\n  what to do: Give the predictions from before."
    )


@settings(deadline=None, max_examples=20)
@given(seed=st.integers(0, 1000), kind=st.sampled_from(["platt", "temperature"]))
def test_ranks_stay_as_they_are(draw_sick: Draw, seed: int, kind: str) -> None:
    before = draw_sick(seed=seed, too_sure=2.0)
    after = fit_calibrator(before, kind).apply(before)
    order = np.argsort(before.table["logit"].to_numpy())
    assert (np.diff(after.table["logit"].to_numpy()[order]) >= 0).all()


@pytest.mark.filterwarnings("ignore::leukoscope.errors.LeukoscopeWarning")
@pytest.mark.parametrize("kind", ["none", "platt", "isotonic", "temperature"])
def test_a_calibrator_comes_back_from_json(draw_sick: Draw, kind: str) -> None:
    fitted = fit_calibrator(draw_sick(), kind)
    back = Calibrator.from_json(json.loads(json.dumps(fitted.as_json(), allow_nan=False)))
    assert back == fitted
    assert back.apply(draw_sick(seed=1)).table.equals(fitted.apply(draw_sick(seed=1)).table)


def test_what_is_no_calibrator_is_refused() -> None:
    with pytest.raises(DataError, match="This is no calibrator: 'classes'"):
        Calibrator.from_json({"kind": "platt"})
    whole = {"kind": "plat", "classes": ["a", "b"], "rows": 1, "knots": [], "notes": []}
    with pytest.raises(DataError) as caught:
        Calibrator.from_json(whole)
    assert str(caught.value) == (
        "This is no calibrator: its kind is 'plat'.\n"
        "  what to do: Did you mean 'platt'? Known: isotonic, none, platt, temperature."
    )


def test_isotonic_steps_on_few_patients_are_warned_of(draw_sick: Draw) -> None:
    said = "Isotonic calibration was fitted on 38 patients: with fewer than 200, Platt's is the safer."
    with pytest.warns(LeukoscopeWarning) as caught:
        fitted = fit_calibrator(draw_sick(), "isotonic")
    assert str(caught[0].message) == fitted.notes[0] == said
    assert fit_calibrator(draw_sick(patients=200), "isotonic").notes == (
        "Patients on one step share a probability, so that ranks (ROC AUC) may change a little.",
    )


def test_a_model_that_knows_nothing_is_left_alone() -> None:
    with pytest.warns(LeukoscopeWarning) as caught:
        fitted = fit_calibrator(of(["tumoral", "tumoral", "reactive"], [0.1, 0.2, 0.9]), "platt")
    assert fitted.kind == "none"
    assert str(caught[0].message) == (
        "Nothing was calibrated: on validation, patients of class 'tumoral' have no higher logits than the others."
    )


def test_more_classes_have_one_temperature(draw: Draw) -> None:
    three = draw(classes=3, patients=60, cells=20)
    sure = three.probabilities() ** 3
    names = three.columns
    table = three.table.with_columns(
        pl.Series(name, (sure / sure.sum(axis=1, keepdims=True))[:, place]) for place, name in enumerate(names)
    )
    too_sure = Predictions(table, three.classes)
    fitted = fit_calibrator(too_sure, "platt")
    assert fitted.kind == "temperature"
    plain = fit_calibrator(three, "temperature")
    assert fitted.slope == pytest.approx(plain.slope / 3, rel=1e-3)
    assert calibration_gain(too_sure, fitted).log_loss[1] < calibration_gain(too_sure, fitted).log_loss[0]
    with pytest.raises(SettingsError) as caught:
        fit_calibrator(three, "isotonic")
    assert str(caught.value) == (
        "Isotonic calibration needs two classes.\n  what to do: Take temperature scaling: temperature."
    )


def test_what_cannot_be_calibrated_says_why(draw_sick: Draw) -> None:
    with pytest.raises(SettingsError) as wrong:
        fit_calibrator(draw_sick(), "plat")
    assert str(wrong.value) == (
        "There is no calibration 'plat'.\n"
        "  what to do: Did you mean 'platt'? Known: isotonic, none, platt, temperature."
    )
    with pytest.raises(DataError) as one:
        fit_calibrator(of(["tumoral", "tumoral"], [0.1, 0.9]), "platt")
    assert str(one.value) == (
        "Probabilities cannot be calibrated: no patient here is labelled 'reactive'.\n"
        "  what to do: Take a larger validation part, or one with each class."
    )
    calls = Predictions(pl.DataFrame({"id": ["a"], "called": ["tumoral"]}), PAIR)
    with pytest.raises(DataError, match="Only probabilities can be calibrated; these predictions hold called classes"):
        fit_calibrator(calls, "platt")
    other = Predictions(pl.DataFrame({"id": ["a"], "p_hem": [0.5], "p_all": [0.5]}), Classes(("hem", "all")))
    with pytest.raises(DataError, match="These predictions are of hem, all; the calibration was fitted for reactive"):
        fit_calibrator(draw_sick(), "platt").apply(other)
