"""What a rule fitted goes through JSON into a bundle and comes back the same."""

from __future__ import annotations

import json

import numpy as np
import pytest

from leukoscope.cohort.classes import Classes
from leukoscope.ensembles import RULES, Rows, parse_rules
from leukoscope.errors import DataError

SETTINGS = {"genetic": {"generations": 3, "restarts": 1}, "most_confident": {"calibrate": "platt"}}
MEMBERS = ("one", "two", "three")


def rows_of(names: tuple[str, ...], rows: int = 60) -> Rows:
    """Return what three models say at random of rows whose class they partly see."""
    random = np.random.default_rng(len(names))
    truth = np.arange(rows) % len(names)
    edges = random.normal(size=(len(MEMBERS), rows, len(names))) + 1.5 * np.eye(len(names))[truth]
    said = np.exp(edges)
    groups = [f"P{place // 3}" for place in range(rows)]
    return Rows(MEMBERS, Classes(names), said / said.sum(axis=2, keepdims=True), truth, groups)


@pytest.mark.parametrize("names", [("hem", "all"), ("a", "b", "c")])
@pytest.mark.parametrize("rule", sorted(RULES))
def test_a_fitted_rule_is_restored_to_the_last_bit(rule: str, names: tuple[str, ...]) -> None:
    rows, settings = rows_of(names), SETTINGS.get(rule, {})
    fitted = parse_rules({rule: settings})[0].fit(rows, seed=0)
    kept = json.loads(json.dumps(fitted.as_json()))
    again = RULES[rule].restored(kept, members=MEMBERS, classes=rows.classes)
    assert np.array_equal(again.combine(rows.probabilities), fitted.combine(rows.probabilities))
    assert again.as_json() == fitted.as_json()
    empty = np.empty((3, 0, len(names)))
    assert again.combine(empty).shape == (0, len(names))


@pytest.mark.parametrize("rule", ["average", "genetic", "greedy"])
def test_weights_of_other_models_are_refused(rule: str) -> None:
    classes = Classes(("hem", "all"))
    for value, found in (({"weights": {"one": 0.5, "four": 0.5}}, "one, four"), ({}, "none")):
        with pytest.raises(DataError) as caught:
            RULES[rule].restored(value, members=("one", "two"), classes=classes)
        assert str(caught.value) == f"There must be a weight for each of one, two; found: {found}."


def test_a_regression_of_other_models_or_none_is_refused() -> None:
    rows = rows_of(("hem", "all"))
    kept = parse_rules({"stacked": {}})[0].fit(rows, seed=0).as_json()
    with pytest.raises(DataError) as caught:
        RULES["stacked"].restored(kept, members=("two", "one", "three"), classes=rows.classes)
    assert str(caught.value) == "The regression is one of one, two, three; the models give two, one, three."
    with pytest.raises(DataError) as caught:
        RULES["stacked"].restored({}, members=MEMBERS, classes=rows.classes)
    assert str(caught.value) == "This is no logistic regression: 'names' is missing or wrong."
