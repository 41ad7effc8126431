from __future__ import annotations

import json
from collections.abc import Callable

import polars as pl
import pytest

from leukoscope.cohort.classes import Classes
from leukoscope.errors import DataError
from leukoscope.evaluation import Band, Calibrator, Referral, Threshold, fit_referral, referral_scores
from leukoscope.predictions.table import Predictions

Draw = Callable[..., Predictions]
PAIR = Classes(("reactive", "tumoral"))

PRINTED = """
Referral of 6 patients, 95 % intervals
  referred                   0.333 (0.043 to 0.777), 2 of 6
  referred of reactive       0.333 (0.008 to 0.906), 1 of 3
  referred of tumoral        0.333 (0.008 to 0.906), 1 of 3
  covered (promised 0.9)     0.833 (0.359 to 0.996), 5 of 6
  covered of reactive        0.667 (0.094 to 0.992), 2 of 3
  covered of tumoral         1.000 (0.292 to 1.000), 3 of 3
  sensitivity of the others  1.000 (0.158 to 1.000), 2 of 2
  specificity of the others  0.500 (0.013 to 0.987), 1 of 2
note: 1 patient without label: decided about, left out of these shares.
"""


def known(shares: list[float], labels: list[str | None]) -> Predictions:
    table = {"id": [f"P{row}" for row in range(len(shares))], "label": labels, "p_tumoral": shares}
    return Predictions(pl.DataFrame(table | {"p_reactive": [1 - one for one in shares]}), PAIR, "patient")


def by_hand(reactive: float, tumoral: float) -> Referral:
    band = Band(0.9, "class", {"reactive": reactive, "tumoral": tumoral}, {"reactive": 20, "tumoral": 20})
    return Referral(PAIR, Calibrator("none", PAIR.names, 0), Threshold(0.5, "by hand", 1.0), band)


def test_shares_are_those_that_one_counts_by_hand() -> None:
    # P0 called right, P1 both, P2 called wrong; P3, P4 called right, P5 outside both.
    labels = ["reactive", "reactive", "reactive", "tumoral", "tumoral", "tumoral", None]
    referral = by_hand(0.45, 0.45)
    found = referral_scores(referral, known([0.1, 0.42, 0.9, 0.9, 0.8, 0.5, 0.3], labels))
    assert (found.referred.count, found.referred.total) == (1, 6)
    assert found.unlike_any.count == 1
    referral = by_hand(0.45, 0.6)
    found = referral_scores(referral, known([0.1, 0.42, 0.9, 0.9, 0.8, 0.44, 0.3], labels))
    assert (found.referred.count, found.unlike_any.count) == (2, 0)
    assert found.covered is not None
    assert (found.covered.count, found.covered_of["reactive"].count, found.covered_of["tumoral"].count) == (5, 2, 3)
    assert found.sensitivity is not None
    assert found.specificity is not None
    assert (found.sensitivity.count, found.sensitivity.total) == (2, 2)
    assert (found.specificity.count, found.specificity.total) == (1, 2)
    assert found.notes == ("1 patient without label: decided about, left out of these shares.",)


def test_scores_print_themselves_in_lines() -> None:
    labels = ["reactive", "reactive", "reactive", "tumoral", "tumoral", "tumoral", None]
    found = referral_scores(by_hand(0.45, 0.6), known([0.1, 0.42, 0.9, 0.9, 0.8, 0.44, 0.3], labels))
    assert repr(found) == PRINTED.strip("\n")
    assert found._repr_html_().startswith("<p>Referral of 6 patients, 95 % intervals<br>  referred ")


def test_those_not_referred_are_called_better_than_all(draw_sick: Draw) -> None:
    validation, test = draw_sick(patients=400), draw_sick(seed=1, patients=2000)
    away = referral_scores(fit_referral(validation, coverage=0.97), test)
    stay = referral_scores(fit_referral(validation), test)
    for one, other in ((away.sensitivity, stay.sensitivity), (away.specificity, stay.specificity)):
        assert one is not None
        assert other is not None
        assert (one.value or 0) > (other.value or 1)
    assert 0 < (away.referred.value or 0) < 0.5
    assert stay.referred.count == 0
    assert stay.covered is stay.promised is None
    assert away.covered is not None
    assert away.covered.value == pytest.approx(0.97, abs=0.02)


def test_scores_are_plain_json(draw_sick: Draw) -> None:
    found = referral_scores(fit_referral(draw_sick(), coverage=0.9), draw_sick(seed=1))
    plain = json.loads(json.dumps(found.as_json(), allow_nan=False))
    assert plain["referred"] == {
        "count": found.referred.count,
        "total": 38,
        "low": found.referred.low,
        "high": found.referred.high,
    }
    assert plain["promised"] == 0.9


def test_linked_patients_are_told(draw_sick: Draw) -> None:
    test = draw_sick(seed=1)
    linked = Predictions(test.table.with_columns(group=pl.lit("G")), test.classes, "patient")
    assert referral_scores(fit_referral(draw_sick()), linked).notes == (
        "Some patients are linked; these intervals take each as independent and may be too narrow.",
    )


def test_cells_and_patients_without_labels_are_refused(draw: Draw, draw_sick: Draw) -> None:
    with pytest.raises(DataError, match="A referral is scored on patients, one row each; these predictions are of cel"):
        referral_scores(fit_referral(draw()), draw())
    nobody = Predictions(draw_sick().table.with_columns(label=pl.lit(None, pl.String)), PAIR, "patient")
    with pytest.raises(DataError, match="No patient of these predictions has a label, so the referral cannot be score"):
        referral_scores(fit_referral(draw_sick()), nobody)
