from __future__ import annotations

import json
from typing import Any

import pytest

from leukoscope.bundles.card import BundleCard
from leukoscope.errors import SettingsError
from leukoscope.pictures.framing import parse_framing
from leukoscope.recipes.schema import TestTimeSettings as Views


def test_a_card_comes_back_from_json(made: Any) -> None:
    assert BundleCard.from_json(json.loads(json.dumps(made.card.as_json()))) == made.card
    assert made.card.input_size == (32, 32)


def test_a_framing_without_a_size_is_refused(made: Any) -> None:
    with pytest.raises(SettingsError) as caught:
        made.with_card(framing=parse_framing([]))
    assert str(caught.value) == (
        "The framing gives pictures of different sizes; a bundle needs one.\n  where: framing\n"
        "  what to do: End it with a step that sets the size: {resize: 128}."
    )


@pytest.mark.parametrize("threshold", [-0.1, 1.5])
def test_a_threshold_is_a_probability(made: Any, threshold: float) -> None:
    with pytest.raises(SettingsError, match="A threshold is a probability"):
        made.with_card(threshold=threshold)


def test_a_threshold_is_for_two_classes(made_of_three: Any) -> None:
    with pytest.raises(SettingsError, match=r"only for two classes; found 0\.5 for 3 classes\."):
        made_of_three.with_card(threshold=0.5)


def test_a_card_of_patients_comes_back_from_json(of_patients: Any) -> None:
    assert BundleCard.from_json(json.loads(json.dumps(of_patients.card.as_json()))) == of_patients.card
    assert of_patients.card.takes_facts


def test_a_card_of_cells_has_nothing_of_patients(made: Any) -> None:
    assert not {"task", "bag", "facts", "encoder", "fusion", "calibrator", "band"} & set(made.card.as_json())
    assert made.card.task == "cells"
    assert not made.card.takes_facts


RULE = {"after": [1, 2], "shifts": [0.5, -0.1], "margins": [2.0, 1.0]}
EIGHT = Views(rotations=8, adaptive=True)


def test_a_rule_for_views_stands_on_the_card_only_where_there_is_one(made: Any) -> None:
    assert "view_rule" not in made.card.as_json()
    card = made.with_card(test_time=EIGHT, view_rule=RULE).card
    assert BundleCard.from_json(json.loads(json.dumps(card.as_json()))) == card
    assert card.as_json()["view_rule"] == RULE


def test_a_rule_needs_the_views_that_it_speaks_of(made: Any) -> None:
    with pytest.raises(SettingsError) as caught:
        made.with_card(test_time=Views(rotations=2), view_rule=RULE)
    assert str(caught.value) == ("The rule for fewer views asks after 2 of them, and there are 2.\n  where: view_rule")


def test_a_rule_needs_a_threshold_of_cells(made_of_three: Any, of_patients: Any) -> None:
    for made in (made_of_three, of_patients):
        with pytest.raises(SettingsError) as caught:
            made.with_card(test_time=EIGHT, view_rule=RULE)
        assert str(caught.value) == (
            "A rule for fewer views needs cells of two classes and their threshold.\n  where: view_rule"
        )


CALIBRATOR = {
    "kind": "platt", "classes": ["hem", "all"], "rows": 40, "slope": 0.7, "offset": 0.2, "knots": [], "notes": []
}  # fmt: skip
CONFIDENCE = {
    "wanted": 0.95, "least": 0.8, "reached": 0.96, "kept": 0.7, "cells": 40, "patients": 4,
    "classes": ["hem", "all"], "notes": [],
}  # fmt: skip


def test_calibration_and_referral_stand_on_a_card_of_cells_only_where_there_are_some(made: Any) -> None:
    plain = made.card.as_json()
    assert {"calibrator", "confidence"}.isdisjoint(plain)
    card = made.with_card(threshold=0.4, calibrator=CALIBRATOR, confidence=CONFIDENCE).card
    assert BundleCard.from_json(json.loads(json.dumps(card.as_json()))) == card
    assert (card.as_json()["calibrator"], card.as_json()["confidence"]) == (CALIBRATOR, CONFIDENCE)
    assert BundleCard.from_json(plain).confidence is None  # as bundles of earlier versions are


@pytest.mark.parametrize("name", ["calibrator", "confidence"])
def test_what_was_fitted_for_other_classes_or_is_damaged_is_refused(made: Any, name: str) -> None:
    value = {"calibrator": CALIBRATOR, "confidence": CONFIDENCE}[name]
    with pytest.raises(SettingsError) as caught:
        made.with_card(**{name: value | {"classes": ["all", "hem"]}})
    assert str(caught.value) == f"It was fitted for all, hem; the classes are hem, all.\n  where: {name}"
    with pytest.raises(SettingsError, match=f"where: {name}"):
        made.with_card(**{name: {"classes": ["hem", "all"]}})


def test_cells_are_referred_by_their_confidence_and_patients_are_not(of_patients: Any) -> None:
    with pytest.raises(SettingsError) as caught:
        of_patients.with_card(confidence=CONFIDENCE)
    assert str(caught.value) == "A rule for referring cells is none for patients.\n  where: confidence"


def test_a_rule_for_views_cannot_stand_with_calibration_or_referral(made: Any) -> None:
    for further in ({"calibrator": CALIBRATOR}, {"confidence": CONFIDENCE}):
        with pytest.raises(SettingsError) as caught:
            made.with_card(test_time=EIGHT, view_rule=RULE, threshold=0.4, **further)
        assert str(caught.value) == (
            "Fewer views keep each call, but not how probable it is, which calibration and referral ask for.\n"
            "  where: view_rule"
        )


def test_a_card_that_speaks_of_other_data_sets_can_be_read_again(made: Any, of_patients: Any) -> None:
    for one in (made, of_patients):
        assert not {"home", "recalibrated"} & set(one.card.as_json())
        card = one.with_card(home={"answers": {"number": 3}}, recalibrated={"statement": "on others"}).card
        assert BundleCard.from_json(json.loads(json.dumps(card.as_json()))) == card
        assert card.as_json()["recalibrated"] == {"statement": "on others"}
