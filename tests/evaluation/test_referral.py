from __future__ import annotations

import json
from collections.abc import Callable

import numpy as np
import polars as pl
import pytest

from leukoscope.cohort.classes import Classes
from leukoscope.errors import DataError, LeukoscopeWarning
from leukoscope.evaluation import Band, Calibrator, Referral, Threshold, fit_referral
from leukoscope.predictions.table import Predictions

Draw = Callable[..., Predictions]
PAIR = Classes(("reactive", "tumoral"), ("reactive", "malignant"))


def of(shares: list[float], classes: Classes = PAIR) -> Predictions:
    table = {"id": [f"P{row}" for row in range(len(shares))], "p_tumoral": shares}
    return Predictions(pl.DataFrame(table | {"p_reactive": [1 - one for one in shares]}), classes, "patient")


def referral(reactive: float | None, tumoral: float | None, threshold: float = 0.5) -> Referral:
    band = Band(0.9, "class", {"reactive": reactive, "tumoral": tumoral}, {"reactive": 20, "tumoral": 20})
    return Referral(PAIR, Calibrator("none", PAIR.names, 0), Threshold(threshold, "by hand", 1.0), band)


def test_who_is_called_and_who_is_referred_and_why() -> None:
    found = referral(0.6, 0.6).decide(of([0.1, 0.5, 0.95]))
    assert found.columns == ["patient", "p_reactive", "p_tumoral", "called", "set", "why"]
    assert found["called"].to_list() == ["reactive", "refer", "tumoral"]
    assert found["set"].to_list() == [["reactive"], ["reactive", "tumoral"], ["tumoral"]]
    assert found["why"].to_list() == [
        "called reactive: the only class that the band leaves",
        "refer for flow cytometry: reactive and malignant remain possible",
        "called malignant: the only class that the band leaves",
    ]


def test_an_empty_set_is_referred_and_said_to_be_one() -> None:
    found = referral(0.2, 0.2).decide(of([0.5])).row(0, named=True)
    assert (found["called"], found["set"]) == ("refer", [])
    assert found["why"] == "refer for flow cytometry: unlike the validation patients of every class"


def test_where_band_and_threshold_disagree_the_patient_is_referred() -> None:
    found = referral(0.45, 0.45, threshold=0.2).decide(of([0.3])).row(0, named=True)
    assert (found["called"], found["set"]) == ("refer", ["reactive"])
    assert found["why"] == "refer for flow cytometry: the band leaves reactive, the threshold says malignant"


def test_a_class_without_limit_is_in_every_set() -> None:
    assert referral(None, 0.6).decide(of([0.1, 0.95]))["called"].to_list() == ["reactive", "refer"]


def test_without_band_nobody_is_referred(draw_sick: Draw) -> None:
    found = fit_referral(draw_sick()).decide(draw_sick(seed=1))
    assert set(found["called"]) == {"reactive", "tumoral"}
    assert found["set"].null_count() == found.height
    assert set(found["why"]) == {"called reactive", "called tumoral"}


def test_a_patient_is_decided_about_whoever_else_is_there(draw_sick: Draw) -> None:
    fitted, new = fit_referral(draw_sick(), calibrate="platt", coverage=0.9), draw_sick(seed=1)
    whole = fitted.decide(new)
    alone = [fitted.decide(Predictions(new.table[row], new.classes, "patient")) for row in range(new.table.height)]
    assert pl.concat(alone).equals(whole)
    unlabelled = Predictions(new.table.with_columns(label=pl.lit(None, pl.String)), new.classes, "patient")
    assert fitted.decide(unlabelled).equals(whole)


def test_the_threshold_is_one_on_calibrated_probabilities(draw_sick: Draw) -> None:
    known = draw_sick(patients=200, too_sure=3.0)
    plain, mended = fit_referral(known, sensitivity=0.95), fit_referral(known, sensitivity=0.95, calibrate="platt")
    assert plain.threshold is not None
    assert mended.threshold is not None
    assert plain.threshold.achieved == mended.threshold.achieved
    assert mended.threshold.value > plain.threshold.value
    assert plain.decide(known)["called"].equals(mended.decide(known)["called"])


@pytest.mark.filterwarnings("ignore::leukoscope.errors.LeukoscopeWarning")
@pytest.mark.parametrize("calibrate", ["none", "platt", "isotonic"])
@pytest.mark.parametrize("coverage", [None, 0.9, 0.99])
def test_a_referral_comes_back_from_json(draw_sick: Draw, calibrate: str, coverage: float | None) -> None:
    fitted = fit_referral(draw_sick(), calibrate=calibrate, coverage=coverage)
    back = Referral.from_json(json.loads(json.dumps(fitted.as_json(), allow_nan=False)))
    assert back == fitted
    assert back.decide(draw_sick(seed=1)).equals(fitted.decide(draw_sick(seed=1)))


def test_what_is_no_referral_is_refused() -> None:
    with pytest.raises(DataError) as caught:
        Referral.from_json({"threshold": None})
    assert str(caught.value) == "This is no referral: 'band'."


def test_more_classes_have_no_threshold_and_sets_of_any_size(draw: Draw) -> None:
    known = draw(classes=3, patients=150, cells=1, skill=2.0)
    rows = known.table.group_by("patient", maintain_order=True).first().with_columns(id="patient")
    three = Predictions(rows, known.classes, "patient")
    fitted = fit_referral(three, calibrate="platt", coverage=0.9)
    assert fitted.threshold is None
    found = fitted.decide(three)
    assert {"refer", "hem", "all", "c"} == set(found["called"])
    said = found.filter(pl.col("set").list.len() == 3)["why"]
    assert set(said) <= {"refer for flow cytometry: hem, all and c remain possible"}
    assert np.isin(found["set"].list.len().to_numpy(), [0, 1, 2, 3]).all()


def test_a_band_on_cells_is_refused(draw: Draw) -> None:
    with pytest.raises(DataError, match="A conformal band speaks of patients"):
        fit_referral(draw(), coverage=0.9)


def test_a_promise_that_cannot_be_kept_is_warned_of(draw_sick: Draw) -> None:
    with pytest.warns(LeukoscopeWarning) as caught:
        fitted = fit_referral(draw_sick(), coverage=0.99)
    assert str(caught[-1].message) == "The band tells nobody's class: every patient would be referred."
    assert set(fitted.decide(draw_sick(seed=1))["called"]) == {"refer"}
