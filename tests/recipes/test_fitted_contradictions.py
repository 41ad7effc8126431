from __future__ import annotations

from typing import Any

import pytest

from leukoscope.errors import SettingsError
from leukoscope.recipes.loading import load_recipe
from leukoscope.recipes.schema import FITTED_HEADS

SVM = {"model.head": "svm"}


@pytest.mark.parametrize(
    ("recipe", "changes", "message"),
    [
        (
            "lyon-frozen",
            {"model.head": "forest"},
            (
                "A forest as head is fitted to single cells, and patients are learnt.\n"
                "  where: recipe lyon-frozen\n"
                "  what to do: Set model.head: logistic_regression, or task: cells."
            ),
        ),
        (
            "handcrafted-svm",
            {"test_time.rotations": 8},
            (
                "A support vector machine as head is no line: what it says of a mean of views is not the mean of what "
                "it says of each.\n"
                "  where: recipe handcrafted-svm\n"
                "  what to do: Set one view (test_time.rotations: 1, flips: none, crops: none), or model.head: "
                "logistic_regression."
            ),
        ),
        (
            "cnmc-best",
            {"model.pca": 20},
            (
                "Principal components (model.pca: 20) are of svm, forest, mlp or prototypes, and the head is "
                "logistic_regression.\n"
                "  where: recipe cnmc-best\n"
                "  what to do: Set model.head to one of svm, forest, mlp, prototypes, or leave model.pca out."
            ),
        ),
        (
            "frozen-svm",
            {"augmentation": [{"flip": 0.5}]},
            (
                "A support vector machine as head learns from cells as they lie, without changes (flip).\n"
                "  where: recipe frozen-svm\n"
                "  what to do: Set augmentation: []."
            ),
        ),
        (
            "frozen-svm",
            {"model.head": "mlp", "stages": [{"epochs": 2}]},
            (
                "A small network as head is fitted at once: there are no stages.\n"
                "  where: recipe frozen-svm\n"
                "  what to do: Set stages: []."
            ),
        ),
        (
            "handcrafted-forest",
            {"test_time.mean": "probabilities"},
            (
                "A forest as head sees one view of a cell: there are no probabilities to take the mean of.\n"
                "  where: recipe handcrafted-forest\n"
                "  what to do: Set test_time.mean: logits."
            ),
        ),
        (
            "handcrafted-svm",
            {"model.measures": False},
            (
                "There is no network (model.backbone: none), and no measures in its place.\n"
                "  where: recipe handcrafted-svm\n"
                "  what to do: Set model.measures: handcrafted."
            ),
        ),
        (
            "handcrafted-svm",
            {"model.head": "linear", "stages": [{"epochs": 2}]},
            (
                "Measures without a network are fitted at once, and the head is linear.\n"
                "  where: recipe handcrafted-svm\n"
                "  what to do: Set model.head to one of logistic_regression, svm, forest, mlp, prototypes, and "
                "stages: []."
            ),
        ),
        (
            "handcrafted-svm",
            {"model.weights": "imagenet", "model.pca": 5},
            (
                "There is no network (model.backbone: none) that this could be of: model.weights, model.pca.\n"
                "  where: recipe handcrafted-svm\n"
                "  what to do: Leave model.weights and model.pca out."
            ),
        ),
    ],
)
def test_what_a_head_fitted_at_once_cannot_stand_with(recipe: str, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_recipe(recipe, changes)
    assert str(caught.value) == message


@pytest.mark.parametrize("head", FITTED_HEADS)
def test_measures_alone_go_with_every_head_that_is_fitted_at_once(head: str) -> None:
    changes = {"model.head": head, "balance.patients": "equal"}
    assert load_recipe("handcrafted-svm", changes).model.head == head
