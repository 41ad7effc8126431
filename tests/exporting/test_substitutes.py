from __future__ import annotations

import numpy as np
import pytest
import torch

from leukoscope.exporting.substitutes import FittedHeadInGraph, ForestInGraph, for_graph
from leukoscope.models.building import build_model
from leukoscope.models.cell_model import CellModel
from leukoscope.models.fitted import FittedHead, ForestScores
from leukoscope.recipes.schema import ModelSettings
from leukoscope.training.head_learners.forest import ForestLearner

HEADS = ["svm", "forest", "mlp", "prototypes"]
FEATURES = 64


def with_head(head: str, outputs: int) -> CellModel:
    """Return a tiny network with a head that holds drawn numbers, the forest's grown on drawn cells."""
    settings = ModelSettings.model_validate({"backbone": "test_resnet", "head": head})
    model, _ = build_model(settings, outputs, seed=0, size=(32, 32))
    assert isinstance(model.head, FittedHead)
    draw = torch.Generator().manual_seed(0)
    if head == "forest":
        rows = np.random.default_rng(0).normal(size=(60, FEATURES))
        truth = np.arange(60) % max(outputs, 2)
        model.head.scores = ForestLearner(2).fit(rows, truth, np.ones(60), seed=0, quick=True)
    else:
        model.head.make_room({"scores.support": (7, FEATURES), "scores.hidden.weight": (5, FEATURES)})
        for parameter in model.head.scores.parameters():
            parameter.data = torch.rand(parameter.shape, generator=draw, dtype=torch.float64)
    model.head.slope.data.fill_(1.7)
    return model.eval()


@pytest.mark.parametrize("outputs", [1, 3])
@pytest.mark.parametrize("head", HEADS)
def test_a_head_that_was_fitted_at_once_says_the_same_in_a_graph(head: str, outputs: int) -> None:
    model = with_head(head, outputs)
    pixels = torch.rand(4, 3, 32, 32, generator=torch.Generator().manual_seed(2))
    made = for_graph(model)
    assert type(made.head) is FittedHeadInGraph
    with torch.inference_mode():
        torch.testing.assert_close(made(pixels), model(pixels), rtol=0, atol=0)


def test_of_a_forest_the_longest_path_is_walked() -> None:
    scores = ForestScores(1, 1, nodes=5, trees=2)
    # A root whose right leaf is a root again, and a tree that is one leaf.
    for name, values in {
        "left": [1, 1, 3, 3, 4],
        "right": [2, 1, 4, 3, 4],
        "feature": [0] * 5,
        "roots": [0, 1],
    }.items():
        scores.get_buffer(name).copy_(torch.tensor(values))
    scores.__class__ = ForestInGraph
    scores.prepare()
    assert scores.depth == 2


def test_the_network_itself_is_left_as_it_was() -> None:
    model = with_head("svm", 1).train()
    made = for_graph(model)
    assert model.training
    assert type(model.head) is FittedHead
    assert not made.training
    assert not any(parameter.requires_grad for parameter in made.parameters())
    made.head.slope.data.fill_(0)
    assert float(model.head.slope) == pytest.approx(1.7)
