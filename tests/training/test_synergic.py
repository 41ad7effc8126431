from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional

from leukoscope.models.trained_parts import parameter_groups
from leukoscope.randomness import generator
from leukoscope.recipes.schema import StageSettings
from leukoscope.training import loop
from leukoscope.training.display import SilentDisplay
from leukoscope.training.loop import Trained, train
from leukoscope.training.synergic import forget_synergy, learn_synergy, make_synergic, partners_of

JOINT = {
    "backbone": "joint",
    "branches": {
        "A": {"backbone": "test_resnet", "cut": "layer1"},
        "B": {"backbone": "test_resnet", "cut": "layer2"},
        "C": {"backbone": "test_resnet", "cut": "layer1"},
    },
    "head": "dense",
    "hidden": [8],
    "hidden_dropout": 0.5,
    "feature_norm": True,
}
STAGES = [
    {"epochs": 2, "batch": 8, "train": "head", "optimizer": "adam", "rates": 0.01, "average_weights": 0.5},
    {"epochs": 2, "batch": 8, "train": ["A.layer1", "head"], "optimizer": "sgd", "rates": {"A": 1e-3, "head": 1e-2}},
]


class StopsAfter(SilentDisplay):
    def __init__(self, steps: int) -> None:
        self.left = steps

    def step(self, loss: float | None) -> None:
        del loss
        self.left -= 1
        if self.left == 0:
            raise KeyboardInterrupt


@pytest.fixture(scope="module")
def task(two_classes: Any) -> Any:
    return two_classes.with_recipe(model=JOINT, stages=STAGES, loss={"synergic": 0.5}, augmentation=[])


def run(task: Any, folder: Path, **others: Any) -> Trained:
    return train(
        task.model(),
        task.train,
        task.validation,
        task.recipe,
        task.classes,
        seed=1,
        folder=folder,
        device="cpu",
        **others,
    )


@pytest.fixture(scope="module")
def unbroken(task: Any, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    return run(task, tmp_path_factory.mktemp("unbroken"))


def test_the_loss_is_the_cross_entropy_of_pairs_summed_over_pairs_of_branches(task: Any) -> None:
    model = task.model()
    learn_synergy(model, task.recipe, 1)
    synergic = make_synergic(task.recipe, 1)
    features = torch.randn(7, model.embedded, generator=torch.Generator().manual_seed(3))
    labels = torch.tensor([0, 1, 1, 0, 1, 0, 0])
    found = synergic(model, features, labels, epoch=2, step=5)
    own, expected = model.backbone.of_branches(features), 0.0
    for place, (first, second) in enumerate([("A", "B"), ("A", "C"), ("B", "C")]):
        others = partners_of(labels.numpy(), generator(1, "synergic", 2, 5, first, second))
        for cell, other in enumerate(others):
            said = model.synergy.heads[place](torch.cat([own[first][cell], own[second][other]]))
            alike = torch.tensor([float(labels[cell] == labels[other])])
            expected = expected + functional.binary_cross_entropy_with_logits(said, alike) / 7
    torch.testing.assert_close(found, 0.5 * expected)


def test_partners_are_other_cells_half_of_them_of_the_same_class() -> None:
    labels = np.array([0] * 30 + [1] * 10)
    drawn = [partners_of(labels, generator(seed, "test")) for seed in range(60)]
    assert all((one != np.arange(40)).all() for one in drawn)
    alike = np.mean([labels[one] == labels for one in drawn])
    assert abs(alike - 0.5) < 4 * math.sqrt(0.25 / (60 * 40))


@pytest.mark.parametrize(("labels", "expected"), [([0], [0]), ([0, 1], [1, 0]), ([1, 1], [1, 0])])
def test_where_there_is_no_such_other_cell_any_other_is_taken(labels: list[int], expected: list[int]) -> None:
    for seed in range(6):
        assert partners_of(np.array(labels), generator(seed, "test")).tolist() == expected


def test_the_synergic_heads_learn_with_the_head_and_go(task: Any) -> None:
    model = task.model()
    before = set(model.state_dict())
    learn_synergy(model, task.recipe, 1)
    assert model.part_names == task.model().part_names
    [group] = parameter_groups(model, StageSettings(epochs=1, train="head"))
    assert len(group["params"]) == len(list(model.head.parameters())) + 3 * 4
    assert model.modules_of("head") == [model.head, model.synergy]
    forget_synergy(model)
    assert set(model.state_dict()) == before
    assert model.modules_of("head") == [model.head]


def test_nothing_of_it_is_left_in_the_trained_network(task: Any, unbroken: Trained) -> None:
    assert set(unbroken.model.state_dict()) == set(task.model().state_dict())
    assert unbroken.model.synergy is None


def test_it_changes_what_is_learnt(task: Any, unbroken: Trained, tmp_path: Path) -> None:
    plain = run(task.with_recipe(model=JOINT, stages=STAGES, augmentation=[]), tmp_path)
    assert not np.allclose(plain.history["loss"], unbroken.history["loss"])
    # The validation loss is that of the classes alone: before anything is learnt there is no other.
    assert unbroken.history["validation_loss"].is_finite().all()


def test_on_features_the_same_is_learnt_as_through_the_branches(
    task: Any, unbroken: Trained, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(loop, "on_features", lambda course, _learner, _display: course)
        through = run(task, tmp_path)
    np.testing.assert_allclose(through.history["loss"], unbroken.history["loss"], rtol=1e-4)
    theirs = through.model.state_dict()
    for name, value in unbroken.model.state_dict().items():
        torch.testing.assert_close(value, theirs[name], rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("steps", [3, 8, 16])
def test_a_training_that_goes_on_is_an_unbroken_one(task: Any, unbroken: Trained, tmp_path: Path, steps: int) -> None:
    with pytest.raises(KeyboardInterrupt):
        run(task, tmp_path, display=StopsAfter(steps))
    again = run(task, tmp_path)
    assert again.history.equals(unbroken.history)
    theirs = unbroken.model.state_dict()
    assert all(torch.equal(value, theirs[name]) for name, value in again.model.state_dict().items())
