"""Does a band keep its promise? Measured on drawn cohorts whose truth is known."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leukoscope.cohort.classes import Classes
from leukoscope.errors import DataError, LeukoscopeWarning, SettingsError
from leukoscope.evaluation import Band, fit_band, fit_calibrator, proportion
from leukoscope.predictions.table import Predictions

Draw = Callable[..., Predictions]


def hits(draw: Draw, cohorts: int, patients: int, by: str) -> np.ndarray:
    """Return whether the set of one new patient of each class holds their class, (cohorts, 2).

    One new patient a class and cohort: more would share their band and not be independent.
    """
    found = []
    for seed in range(cohorts):
        new = draw(seed=10**6 + seed, patients=2)
        sets = fit_band(draw(seed=seed, patients=patients), 0.9, by=by).sets(new)
        found.append(sets[[0, 1], [0, 1]])
    return np.array(found)


def test_the_promise_is_kept_within_the_binomial_interval(draw_sick: Draw) -> None:
    # Of 19 patients a class the limit is the 18th of 20 places: exactly 90 %.
    held = hits(draw_sick, 400, 38, "class")
    for place in (0, 1):
        share = proportion(int(held[:, place].sum()), len(held), 0.99)
        assert share.low is not None
        assert share.high is not None
        assert share.low <= 0.9 <= share.high, share


@pytest.mark.torture
@pytest.mark.parametrize(("patients", "by", "exact"), [(38, "class", 0.9), (29, "all", 0.9), (60, "class", 28 / 31)])
def test_the_promise_is_kept_in_ten_thousand_cohorts(draw_sick: Draw, patients: int, by: str, exact: float) -> None:
    held = hits(draw_sick, 10_000, patients, by)
    share = proportion(int(held.sum()), held.size, 0.999)
    print(patients, by, share)  # noqa: T201 - the figures of the docs
    assert share.low is not None
    assert share.high is not None
    assert share.low <= exact <= share.high


def test_a_band_that_takes_too_small_a_place_would_be_found_out(draw_sick: Draw) -> None:
    """The plain 90th percentile of 9 patients a class promises 90 % and keeps less."""
    missed = []
    for seed in range(400):
        known, new = draw_sick(seed=seed, patients=18), draw_sick(seed=10**6 + seed, patients=2)
        scores = 1 - known.probabilities()[np.arange(18), np.arange(18) % 2]
        limits = [np.quantile(scores[place::2], 0.9) for place in (0, 1)]
        missed.append(1 - new.probabilities()[[0, 1], [0, 1]] <= limits)
    share = proportion(int(np.sum(missed)), 800, 0.99)
    assert share.high is not None
    assert share.high < 0.9


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 1000), patients=st.integers(40, 90), coverage=st.sampled_from([0.7, 0.8, 0.9]))
def test_calibration_on_the_same_patients_changes_no_set(
    draw_sick: Draw, seed: int, patients: int, coverage: float
) -> None:
    known, new = draw_sick(seed=seed, patients=patients, too_sure=2.0), draw_sick(seed=seed + 5000, too_sure=2.0)
    fitted = fit_calibrator(known, "platt")
    plain, mended = fit_band(known, coverage), fit_band(fitted.apply(known), coverage)
    assert (plain.sets(new) == mended.sets(fitted.apply(new))).all()


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 1000), patients=st.integers(40, 90))
def test_a_larger_promise_leaves_more_classes(draw_sick: Draw, seed: int, patients: int) -> None:
    known, new = draw_sick(seed=seed, patients=patients), draw_sick(seed=seed + 5000)
    low, high = fit_band(known, 0.7).sets(new), fit_band(known, 0.9).sets(new)
    assert (low <= high).all()


def test_so_many_validation_patients_lie_within_their_own_limit(draw_sick: Draw) -> None:
    known = draw_sick(patients=60)
    sets = fit_band(known, 0.9).sets(known)
    assert sets[::2, 0].sum() == sets[1::2, 1].sum() == 28  # ceil(31 * 0.9)


def test_too_few_patients_for_the_promise_refer_everybody(draw_sick: Draw) -> None:
    short = (
        "90 % cannot be promised for {} with 5 validation patients (9 are needed; so many allow 83 %): "
        "the class stays possible for everybody."
    )
    last = "The band tells nobody's class: every patient would be referred."
    said = (short.format("'reactive'"), short.format("'tumoral'"), last)
    with pytest.warns(LeukoscopeWarning) as caught:
        band = fit_band(draw_sick(patients=10), 0.9)
    assert band.notes == said == tuple(str(one.message) for one in caught)
    assert band.limits == {"reactive": None, "tumoral": None}
    assert band.sets(draw_sick(seed=1)).all()
    assert band.reachable == {"reactive": 5 / 6, "tumoral": 5 / 6}
    assert band.likely_coverage() == {"reactive": (1, 1), "tumoral": (1, 1)}


def test_one_class_of_too_few_patients_keeps_the_other_from_being_called(draw_sick: Draw) -> None:
    known = draw_sick(patients=60)
    table = known.table.filter((pl.col("label") == "reactive") | (pl.int_range(pl.len()) < 8))
    with pytest.warns(LeukoscopeWarning):
        band = fit_band(Predictions(table, known.classes, "patient"), 0.9)
    assert band.notes[1] == ("So nobody can be called 'reactive' alone: every such patient would be referred.")
    sets = band.sets(draw_sick(seed=1))
    assert sets[:, 1].all()


def test_nine_patients_are_enough_for_ninety_in_a_hundred(draw_sick: Draw) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        band = fit_band(draw_sick(patients=18), 0.9)
    own = 1 - draw_sick(patients=18).probabilities()[::2, 0]
    assert band.limits["reactive"] == own.max()


def test_the_coverage_of_one_band_is_a_beta_variable() -> None:
    low, high = Band(0.9, "class", {"a": 0.5}, {"a": 19}).likely_coverage()["a"]
    assert (round(low, 3), round(high, 3)) == (0.740, 0.987)


def test_sets_of_more_classes_hold_theirs(draw: Draw) -> None:
    known = draw(classes=4, patients=160, cells=1, skill=2.0)
    rows = known.table.group_by("patient", maintain_order=True).first().with_columns(id="patient")
    three = Predictions(rows, known.classes, "patient")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        sets = fit_band(three, 0.9, by="class").sets(three)
    truth = np.array([three.classes.index(name) for name in three.table["label"]])
    assert sets[np.arange(len(truth)), truth].mean() >= 0.9
    assert sets.sum(axis=1).max() > 1


def test_a_band_comes_back_from_json(draw_sick: Draw) -> None:
    band = fit_band(draw_sick(), 0.9)
    back = Band.from_json(json.loads(json.dumps(band.as_json(), allow_nan=False)))
    assert back == band
    with pytest.raises(DataError, match="This is no conformal band: 'notes'"):
        Band.from_json({"coverage": 0.9})


def test_linked_validation_patients_are_told(draw_sick: Draw) -> None:
    known = draw_sick()
    table = known.table.with_columns(group=pl.when(pl.int_range(pl.len()) < 3).then(pl.lit("G")).otherwise("id"))
    with pytest.warns(LeukoscopeWarning) as caught:
        fit_band(Predictions(table, known.classes, "patient"), 0.9)
    assert str(caught[0].message) == (
        "There are 2 validation patients more than linked groups: the promise takes each patient as independent, "
        "so it rests on fewer than it seems."
    )


def test_what_no_band_can_be_fitted_on_says_why(draw_sick: Draw, draw: Draw) -> None:
    with pytest.raises(DataError) as cells:
        fit_band(draw(), 0.9)
    assert str(cells.value) == (
        "A conformal band speaks of patients, one row each; these predictions are of cells.\n"
        "  what to do: Give the patients' own predictions: the cells of one patient are no independent witnesses."
    )
    with pytest.raises(SettingsError, match=r"The coverage of a band must lie between 0 and 1; got 1\."):
        fit_band(draw_sick(), 1.0)
    with pytest.raises(SettingsError, match=r"A band cannot be fitted by 'clas'\."):
        fit_band(draw_sick(), 0.9, by="clas")
    pair = Classes(("reactive", "tumoral"))
    calls = Predictions(pl.DataFrame({"id": ["a"], "called": ["tumoral"]}), pair, "patient")
    with pytest.raises(DataError, match="A conformal band needs probabilities; these predictions hold called classes"):
        fit_band(calls, 0.9)
    nobody = draw_sick().table.with_columns(label=pl.lit(None, pl.String))
    with pytest.raises(DataError, match="No patient of these predictions has a label, so no band can be fitted"):
        fit_band(Predictions(nobody, pair, "patient"), 0.9)
    other = Predictions(pl.DataFrame({"id": ["a"], "p_hem": [0.5], "p_all": [0.5]}), Classes(("hem", "all")), "patient")
    with pytest.raises(DataError, match="These predictions are of hem, all; the band was fitted for reactive, tumoral"):
        fit_band(draw_sick(), 0.9).sets(other)
