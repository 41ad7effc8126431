from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from leukoscope.cohort.classes import Classes
from leukoscope.errors import SettingsError
from leukoscope.evaluation import called
from leukoscope.predictions.table import Predictions

TWO, THREE = Classes(("hem", "all")), Classes(("a", "b", "c"))


def predictions(classes: Classes = TWO, **columns: list[Any]) -> Predictions:
    rows = len(next(iter(columns.values())))
    return Predictions(pl.DataFrame({"id": [str(row) for row in range(rows)]} | columns), classes)


def test_the_positive_class_is_called_from_the_threshold_on() -> None:
    found = predictions(p_hem=[0.75, 0.5, 0.25], p_all=[0.25, 0.5, 0.75])
    assert called(found).to_list() == ["hem", "all", "all"]
    assert called(found, 0.25).to_list() == ["all", "all", "all"]
    assert called(found, 0.76).to_list() == ["hem", "hem", "hem"]


def test_the_first_class_may_be_the_positive_one() -> None:
    first = Classes(("all", "hem"), positive="all")
    assert called(predictions(first, p_all=[0.9, 0.2], p_hem=[0.1, 0.8]), 0.3).to_list() == ["all", "hem"]


def test_of_several_classes_the_most_probable_is_called_and_of_equals_the_first() -> None:
    found = predictions(THREE, p_a=[0.2, 0.4], p_b=[0.3, 0.4], p_c=[0.5, 0.2])
    assert called(found).to_list() == ["c", "a"]


def test_own_calls_come_before_probabilities_but_not_before_a_threshold() -> None:
    found = predictions(called=["hem", None], p_hem=[0.1, 0.1], p_all=[0.9, 0.9])
    assert called(found).to_list() == ["hem", "all"]
    assert called(found, 0.5).to_list() == ["all", "all"]


@pytest.mark.parametrize(
    ("found", "threshold", "message"),
    [
        (predictions(called=["hem"]), -0.1, "A threshold must be a number from 0 to 1; got -0.1."),
        (
            predictions(called=["hem"]),
            0.5,
            "A threshold needs probabilities; these predictions hold called classes only.\n  what to do: Leave it out.",
        ),
        (
            predictions(THREE, called=["a"]),
            0.5,
            "A threshold needs two classes.\n  what to do: Leave it out: the most probable class is called.",
        ),
    ],
)
def test_a_threshold_that_cannot_be_used_is_refused(found: Predictions, threshold: float, message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        called(found, threshold)
    assert str(caught.value) == message
