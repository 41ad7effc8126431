from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
import pytest

from leukoscope.bundles.bundle import Bundle
from leukoscope.bundles.ensemble_bundle import EnsembleBundle
from leukoscope.bundles.ensemble_card import EnsembleCard
from leukoscope.bundles.loading import load_bundle
from leukoscope.cohort.classes import Classes
from leukoscope.ensembles.weighted import Weighted
from leukoscope.errors import SettingsError
from leukoscope.evaluation.calibrators import Calibrator
from leukoscope.evaluation.conformal import Band
from leukoscope.predictions.table import Predictions, Unit
from leukoscope.validation.recalibrating import of_rows, raw_of, refit, refuse_fixed

RULE: dict[str, Any] = {"maximize": "balanced_accuracy", "sensitivity": None, "value": None}


def shifted(number: int = 200, by: float = 2.0, *, unit: Unit = "cell") -> Predictions:
    """Return predictions whose logits are too high by a constant, and too large by half."""
    chance = np.random.default_rng(3)
    truth = np.arange(number) % 2
    logits = 1.5 * chance.normal(2 * truth - 1, 1.2) + by
    share = 1 / (1 + np.exp(-logits))
    names = [f"P{row}" for row in range(number)]
    columns = {"id": names, "patient": names, "label": [("hem", "all")[one] for one in truth], "logit": logits}
    table = pl.DataFrame({**columns, "p_hem": 1 - share, "p_all": share})
    return Predictions(table, Classes(("hem", "all")), unit)


def without(bundle: Bundle, **card: Any) -> Bundle:
    return replace(bundle, card=replace(bundle.card, **card))


def ensemble(member: Bundle, classes: Classes) -> EnsembleBundle:
    weights = Weighted(("a", "b"), (0.5, 0.5))
    threshold = 0.5 if classes.binary else None
    card = EnsembleCard("both", classes, "average", weights.as_json(), ("a", "b"), threshold=threshold)
    return EnsembleBundle(member.folder, card, (member, member), weights)


def test_platts_map_takes_the_shift_back(bundle: Bundle) -> None:
    found = refit(without(bundle, confidence=None), shifted(), RULE)
    assert found.calibrator.kind == "platt"
    assert found.calibrator.offset < -0.5
    assert found.threshold is not None
    assert 0.3 < found.threshold.value < 0.7
    assert found.confidence is None
    assert set(found.fields()) == {"calibrator", "threshold", "confidence", "band"}


def test_the_rule_of_the_recipe_holds_again(bundle: Bundle) -> None:
    plain, raw = without(bundle, confidence=None), shifted()
    sensitive = refit(plain, raw, {**RULE, "sensitivity": 0.99}).threshold
    assert sensitive is not None
    assert sensitive.rule == "the largest threshold with a sensitivity of at least 0.99"
    assert sensitive.achieved >= 0.99
    given = refit(plain, raw, {**RULE, "value": 0.5}).threshold
    assert given is not None
    assert (given.value, given.rule) == (0.5, "given by the recipe")
    unknown = refit(plain, raw, {}).threshold
    assert unknown is not None
    assert unknown.rule == "the largest balanced accuracy"


def test_cells_are_referred_for_the_accuracy_of_the_bundle(bundle: Bundle) -> None:
    found = refit(bundle, shifted(), RULE)
    assert found.confidence is not None
    assert found.confidence.wanted == 0.8
    assert found.confidence.reached >= 0.8


def test_patients_are_referred_for_the_coverage_of_the_bundle(of_patients: Any) -> None:
    band = Band(0.8, "class", {"hem": 0.5, "all": 0.6}, {"hem": 14, "all": 16})
    found = refit(without(load_bundle(of_patients), band=band.as_json()), shifted(unit="patient"), RULE)
    assert found.band is not None
    assert (found.band.coverage, found.band.by, found.band.patients) == (0.8, "class", {"hem": 100, "all": 100})


def test_several_classes_get_a_temperature_also_where_one_is_absent(of_three: Bundle) -> None:
    chance = np.random.default_rng(4)
    shares = np.exp(6 * chance.dirichlet([1, 1, 1], 90))
    shares /= shares.sum(axis=1, keepdims=True)
    columns = {f"p_{name}": shares[:, place] for place, name in enumerate(of_three.classes.names)}
    labels = [("hem", "all")[row % 2] for row in range(90)]
    table = pl.DataFrame({"id": [str(row) for row in range(90)], "label": labels, **columns})
    found = refit(of_three, Predictions(table, of_three.classes), {})
    assert found.calibrator.kind == "temperature"
    assert found.calibrator.slope < 1
    assert found.threshold is None


def test_several_models_get_a_threshold_alone(bundle: Bundle) -> None:
    both = ensemble(bundle, bundle.classes)
    refuse_fixed(both)
    found = refit(both, shifted(), RULE)
    assert found.calibrator.kind == "none"
    assert found.threshold is not None
    assert found.threshold.value > 0.7  # the shift is not taken back
    assert raw_of(both, shifted()).probabilities() == pytest.approx(shifted().probabilities())


def test_what_cannot_be_recalibrated_is_refused(bundle: Bundle, of_three: Bundle) -> None:
    with pytest.raises(SettingsError) as raised:
        refuse_fixed(ensemble(of_three, of_three.classes))
    assert str(raised.value) == (
        "A bundle of several models has no calibration, and with more than two classes no threshold: there is nothing "
        f"to fit anew.\n  where: {of_three.folder}\n  what to do: Recalibrate one of its members."
    )
    object.__setattr__(sparing := without(bundle), "card", replace(bundle.card))
    object.__setattr__(sparing.card, "view_rule", {"after": [1]})
    with pytest.raises(SettingsError) as raised:
        refuse_fixed(sparing)
    assert str(raised.value) == (
        "The bundle stops after fewer views where the call is clear, so its probabilities are not those of all views: "
        f"it cannot be recalibrated.\n  where: {bundle.folder}\n  what to do: Make one that looks at all views: "
        "leukoscope rescore RUN --set test_time.adaptive=false --out OUT."
    )


def test_the_rows_of_a_part_are_found_by_cell_and_by_patient() -> None:
    parts = pl.DataFrame({"id": ["x", "P1"], "patient": ["P0", "P1"], "part": ["rest", "recalibration"]})
    assert of_rows(shifted(4), parts, "recalibration").table["id"].to_list() == ["P1"]
    assert of_rows(shifted(4, unit="patient"), parts, "rest").table["id"].to_list() == ["P0"]


def test_a_calibrated_bundle_is_fitted_on_its_raw_logits(bundle: Bundle) -> None:
    assert bundle.card.calibrator is not None
    own = Calibrator.from_json(bundle.card.calibrator)
    assert raw_of(bundle, own.apply(shifted())).probabilities() == pytest.approx(shifted().probabilities())
