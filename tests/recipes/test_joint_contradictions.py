from __future__ import annotations

from typing import Any

import pytest

from leukoscope.errors import SettingsError
from leukoscope.recipes.loading import load_recipe

BRANCHES = {"A": {"backbone": "test_resnet"}, "B": {"backbone": "test_vit"}}
JOINT = {"model.backbone": "joint", "model.cut": None, "model.weights": None, "model.branches": BRANCHES}
NOTHING = {
    "model.backbone": "none",
    "model.cut": None,
    "model.weights": None,
    "model.head": "svm",
    "model.dropout": 0,
    "model.measures": True,
    "augmentation": [],
    "stages": [],
}
NORM = {"model.head": "dense", "model.hidden": [8], "model.feature_norm": True}


def stage(**changes: Any) -> dict[str, Any]:
    return {"epochs": 1, "batch": 8} | changes


@pytest.mark.parametrize(
    ("changes", "what", "do"),
    [
        (
            {"model.backbone": "joint", "model.cut": None},
            "A joint model (model.backbone: joint) has no branches.",
            "Set model.branches: {A: {backbone: resnet18, weights: imagenet}, B: {backbone: mobilenetv2_100}}.",
        ),
        (
            JOINT | {"model.backbone": "test_resnet"},
            "Branches (model.branches) are of a joint model, and the backbone is test_resnet.",
            "Set model.backbone: joint, or leave model.branches out.",
        ),
        (
            JOINT | {"model.branches": {"A": {"backbone": "none"}}},
            "A branch is a network by itself, and no joint or none (model.branches: backbone).",
            "Name a network: resnet18, mobilenetv2_100.",
        ),
        (
            JOINT | {"model.weights": "imagenet", "model.cut": "layer2"},
            "What stands at model.weights, model.cut is said of each network of a joint model by itself.",
            "Set it there: model.branches: {A: {weights: ..., cut: ...}}.",
        ),
        (
            JOINT | {"model.activation": "leaky_relu"},
            "What stands at model.activation is said of each network of a joint model by itself.",
            "Set it there: model.branches: {A: {activation: ...}}.",
        ),
        (
            NOTHING | {"model.activation": "leaky_relu"},
            "There is no network (model.backbone: none) whose activation could be another: leaky_relu.",
            "Leave model.activation out.",
        ),
        (
            JOINT | {"model.pool": "flatten"},
            "Networks side by side have no maps in common that could be pooled otherwise (model.pool: flatten).",
            "Set model.pool: average, or take one network.",
        ),
        (
            JOINT | {"model.measures": True},
            "Named measures (model.measures) stand beside one network's features, and this model is joint.",
            "Set model.measures: false, or take one network.",
        ),
        (
            {"model.feature_norm": True},
            "Features are normalised before a dense head (model.feature_norm), and the head is linear.",
            "Set model.head: dense, or model.feature_norm: false.",
        ),
        (
            NORM | {"stages": [stage(batch_norm="frozen")]},
            "Features are normalised by their batch (model.feature_norm), and all stages keep statistics (batch_norm).",
            "Set batch_norm: train in a stage that trains the head, or model.feature_norm: false.",
        ),
        (
            NORM | {"stages": [stage(), stage(batch=1)]},
            "Features are normalised by their batch (model.feature_norm), and one cell makes no statistics.",
            "Set stages: batch to 2 or more, or model.feature_norm: false.",
        ),
        (
            {"loss.synergic": 0.5},
            "The synergic loss (loss.synergic) compares what two branches see, and there are no two.",
            "Set model.backbone: joint with two branches or more, or loss.synergic: 0.",
        ),
        (
            JOINT | {"model.branches": {"A": BRANCHES["A"]}, "loss.synergic": 0.5},
            "The synergic loss (loss.synergic) compares what two branches see, and there are no two.",
            "Set model.backbone: joint with two branches or more, or loss.synergic: 0.",
        ),
    ],
)
def test_what_cannot_stand_together_is_refused(changes: dict[str, Any], what: str, do: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_recipe("quick", changes)
    assert str(caught.value) == f"{what}\n  where: recipe quick\n  what to do: {do}"


@pytest.mark.parametrize(
    "changes", [JOINT, JOINT | NORM | {"loss.synergic": 0.5}, NORM | {"stages": [stage(batch_norm="frozen"), stage()]}]
)
def test_what_can_is_taken(changes: dict[str, Any]) -> None:
    assert load_recipe("quick", changes).name == "quick"


def test_of_patients_the_loss_of_pairs_of_cells_is_refused() -> None:
    with pytest.raises(SettingsError) as caught:
        load_recipe("drawn-patients", JOINT | {"bag.instances": "cells", "loss.synergic": 0.5})
    assert caught.value.what == (
        "The synergic loss (loss.synergic) asks whether two cells are of one class, and patients are learnt."
    )
