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
