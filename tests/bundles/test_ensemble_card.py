from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from leukoscope.bundles.ensemble_card import EnsembleCard
from leukoscope.cohort.classes import Classes
from leukoscope.errors import SettingsError

CARD = EnsembleCard(
    "both",
    Classes(("hem", "all")),
    "average",
    {"weights": {"first": 0.5, "/runs/b/net": 0.25, "7": 0.25}},
    ("first", "/runs/b/net", "7"),
    threshold=0.4,
    trained_on={"data": "drawn"},
    leakage="the paper's split",
    scores={"weighted_f1": {"value": 0.9}},
)


def test_a_card_survives_json() -> None:
    assert EnsembleCard.from_json(json.loads(json.dumps(CARD.as_json()))) == CARD


def test_a_member_lies_under_its_name_or_its_number() -> None:
    assert CARD.folders == {"first": "members/first", "/runs/b/net": "members/2", "7": "members/3"}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"members": ("one",)},
            "A bundle of several models needs two or more of different names; found 1 name: one.",
        ),
        (
            {"members": ("one", "two", "one")},
            "A bundle of several models needs two or more of different names; found 3 names: one, two, one.",
        ),
        (
            {"threshold": 1.5},
            "A threshold is a probability, 0 to 1, and only for two classes; found 1.5 for 2 classes.",
        ),
        (
            {"classes": Classes(("a", "b", "c"))},
            "A threshold is a probability, 0 to 1, and only for two classes; found 0.4 for 3 classes.",
        ),
    ],
)
def test_a_card_that_cannot_be_right_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        replace(CARD, **changes)
    assert str(caught.value) == message


def test_a_card_that_speaks_of_other_data_sets_survives_json() -> None:
    assert not {"home", "recalibrated"} & set(CARD.as_json())
    card = replace(CARD, home={"answers": {"number": 3}}, recalibrated={"statement": "on others"})
    assert EnsembleCard.from_json(json.loads(json.dumps(card.as_json()))) == card
