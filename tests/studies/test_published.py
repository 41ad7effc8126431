from __future__ import annotations

from typing import Any

import pytest

from leukoscope.studies.plan import Plan, plan
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
    assert published_of(made.runs[0], made)["published"] == figures


def test_two_changes_at_once_were_not_published() -> None:
    made = plan("grisi2021", 1, {"model.backbone": ["resnet34"], "bag.cells": [10]})
    assert published_of(made.runs[0], made)["published"] == {}


def test_a_recipe_without_a_paper_has_none() -> None:
    made = plan("drawn", 1, {"model.dropout": [0.0, 0.5]})
    assert [published_of(run, made)["published"] for run in made.runs] == [{}, {}]


def said(made: Plan) -> list[tuple[Any, str]]:
    known = [published_of(run, made) for run in made.variants.values()]
    return [(own["published"].get("weighted_f1"), own["protocol"]) for own in known]


def test_each_ablation_has_its_own_figure_and_protocol() -> None:
    no_rotation = {"test_time.rotations": [1]}
    made = plan("prellberg2019", 1, {"recipe": ["prellberg2019", "prellberg2019-nospeclr"]}, rescore=no_rotation)
    (_, whole), (norot, without), (nospeclr, one_rate), (both, _) = said(made)
    assert (norot, nospeclr, both) == ([0.8692, 0.0081], [0.872, 0.007], None)
    assert "8 rotations" in whole
    assert "without rotations; lower than with 8, p < 0.001" in without
    assert "p < 0.002" in one_rate


@pytest.mark.parametrize("recipe", ["prellberg2019", "prellberg2019-small", "prellberg2019-nospeclr"])
def test_one_rate_that_is_chosen_is_not_the_recipe_with_many(recipe: str) -> None:
    made = plan(recipe, 1, choose={"stages.0.rates": ["1e-3", "1e-4"]}, rescore={"test_time.rotations": [1]})
    (chosen, protocol), (turned, _) = said(made)
    assert (chosen, turned) == ([0.872, 0.007], None)
    assert "p < 0.002" in protocol


def test_what_is_chosen_beside_the_paper_leaves_its_figure() -> None:
    made = plan("prellberg2019-small", 1, choose={"model.dropout": [0.0, 0.5]})
    assert said(made)[0][0]["mean"] == 0.8789
