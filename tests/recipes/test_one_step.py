"""Recipes whose network learns by gradients: the network that they describe is built and takes one step."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch.nn.functional import cross_entropy

from leukoscope.models.building import build_model
from leukoscope.recipes.loading import load_recipe


def stepped(name: str, changes: dict[str, Any], classes: int) -> None:
    """Build a recipe's network from random weights and take one step on two pictures of noise in the recipe's size."""
    recipe = load_recipe(name, changes)
    side = recipe.framing[-1]["resize"]
    model, _ = build_model(recipe.model.model_copy(update={"weights": None}), classes, size=(side, side))
    before = {name: value.clone() for name, value in model.head.state_dict().items()}
    optimiser = torch.optim.SGD(model.parameters(), lr=0.1)
    loss = cross_entropy(model(torch.rand(2, 3, side, side)), torch.tensor([0, classes - 1]))
    loss.backward()
    assert all(value.grad is not None and value.grad.isfinite().all() for value in model.parameters())
    optimiser.step()
    assert not any(torch.equal(value, before[name]) for name, value in model.head.state_dict().items())


@pytest.mark.parametrize(
    ("name", "changes", "classes"),
    [
        ("matek2019", {"patch": "small"}, 15),
        ("kukielka2021-aml", {"patch": "small", "framing": [{"resize": 112}]}, 15),
        ("kukielka2021-pbc", {"patch": "small", "framing": [{"resize": 112}]}, 8),
        ("pbc-quick", {}, 8),
        ("quick", {"framing": [{"resize": 128}]}, 8),
    ],
)
def test_a_recipe_of_two_cores_takes_a_step(name: str, changes: dict[str, Any], classes: int) -> None:
    stepped(name, changes, classes)


@pytest.mark.torture
@pytest.mark.parametrize(("name", "classes"), [("matek2019", 15), ("kukielka2021-aml", 15), ("kukielka2021-pbc", 8)])
def test_a_recipe_of_400_px_takes_a_step(name: str, classes: int) -> None:
    stepped(name, {"framing": [{"resize": 400}]}, classes)
