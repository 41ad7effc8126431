from __future__ import annotations

from typing import Any

import pytest

from leukoscope.errors import SettingsError
from leukoscope.recipes.loading import load_recipe

FLAT = {"model.pool": "flatten"}
SGD_WITH_EPSILON = {"epochs": 1, "optimizer": "sgd", "epsilon": 1e-7}


@pytest.mark.parametrize(
    ("recipe", "changes", "message"),
    [
        (
            "quick",
            {"model.head": "dense"},
            (
                "A dense head needs the widths of its layers.\n"
                "  where: recipe quick\n"
                "  what to do: Set model.hidden: [256], or model.head: linear."
            ),
        ),
        (
            "quick",
            {"model.hidden": [256, 128]},
            (
                "Dense layers (model.hidden: [256, 128]) are of a dense head, and the head is linear.\n"
                "  where: recipe quick\n"
                "  what to do: Set model.head: dense, or leave model.hidden out."
            ),
        ),
        (
            "cnmc-best",
            {"model.hidden_dropout": 0.5},
            (
                "Dropout behind dense layers (model.hidden_dropout) is of a dense head, and the head is "
                "logistic_regression.\n"
                "  where: recipe cnmc-best\n"
                "  what to do: Set model.head: dense, or leave model.hidden_dropout out."
            ),
        ),
        (
            "prellberg2019-small",
            {"stages": [{"epochs": 1, "optimizer": "rmsprop", "epsilon": 1e-7}, SGD_WITH_EPSILON]},
            (
                "Nothing is divided in sgd, so it has no epsilon (stages.1.epsilon: 1e-07).\n"
                "  where: recipe prellberg2019-small\n"
                "  what to do: Leave stages.1.epsilon out, or set stages.1.optimizer: rmsprop."
            ),
        ),
        (
            "grisi2021",
            FLAT,
            (
                "All pixels of a map in one (model.pool: flatten) are of a whole cell, and the instances are pixels.\n"
                "  where: recipe grisi2021\n"
                "  what to do: Set bag.instances: cells, or model.pool: average."
            ),
        ),
        (
            "quick",
            FLAT | {"test_time.crops": "five"},
            (
                "All pixels of a map count (model.pool: flatten), and crops in scoring are smaller pictures.\n"
                "  where: recipe quick\n"
                "  what to do: Set test_time.crops: none, or model.pool: average."
            ),
        ),
        (
            "quick",
            FLAT | {"model.pool_stages": ["stem"]},
            (
                "model.pool_stages and model.pool_rim are of pooling over the cell, which was not asked for.\n"
                "  where: recipe quick\n"
                "  what to do: Set model.pool: cell."
            ),
        ),
    ],
)
def test_what_cannot_stand_together_is_refused(recipe: str, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_recipe(recipe, changes)
    assert str(caught.value) == message


def test_what_can_stand_together_is_taken() -> None:
    chosen = {"model.head": "dense", "model.hidden": [256, 256], "model.hidden_dropout": 0.5, "model.dropout": 0.5}
    recipe = load_recipe("quick", FLAT | chosen | {"test_time.crops": "five", "model.crop": 64})
    assert recipe.model.hidden == [256, 256]
