from __future__ import annotations

from typing import Any

import pytest

from leukoscope.studies.plan import plan
from leukoscope.studies.published import published_of


@pytest.mark.parametrize(
    ("setting", "value", "figures"),
    [
        ("bag.aggregator", "bn_sigmoid", {"balanced_accuracy": 0.814}),
        ("bag.aggregator", "mean", {"balanced_accuracy": 0.802}),
        ("bag.aggregator", {"top_k": {"k": 10}}, {"balanced_accuracy": 0.861}),
        ("bag.aggregator", {"top_k": {"k": 5}}, {"balanced_accuracy": 0.843}),
        ("bag.aggregator", {"top_k": {"k": 7}}, {}),
        ("model.backbone", "resnet34", {"balanced_accuracy": 0.810}),
        ("bag.cells", 10, {"balanced_accuracy": 0.802}),
        ("recipe", "grisi2021-max", {"balanced_accuracy": 0.788}),
    ],
)
def test_a_variant_has_the_figures_of_the_paper_s_own(setting: str, value: Any, figures: dict[str, float]) -> None:
    made = plan("grisi2021", 1, {setting: [value]}, changes=["stages.0.epochs=2"])
    assert published_of(made.runs[0], made.recipe) == figures


def test_two_changes_at_once_were_not_published() -> None:
    made = plan("grisi2021", 1, {"model.backbone": ["resnet34"], "bag.cells": [10]})
    assert published_of(made.runs[0], made.recipe) == {}


def test_a_recipe_without_a_paper_has_none() -> None:
    made = plan("drawn", 1, {"model.dropout": [0.0, 0.5]})
    assert [published_of(run, made.recipe) for run in made.runs] == [{}, {}]
