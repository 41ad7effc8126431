from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from leukoscope.models.trained_parts import parameter_groups, set_trained
from leukoscope.pictures.augmentation import parse_augmentation
from leukoscope.recipes.schema import StageSettings
from leukoscope.training.averaging import WeightAverage
from leukoscope.training.display import SilentDisplay
from leukoscope.training.learner import Learner
from leukoscope.training.objectives import make_objective
from leukoscope.training.optimisers import make_optimiser
from leukoscope.training.steps import CellLessons, steps_of


class Listener(SilentDisplay):
    def __init__(self) -> None:
        self.losses: list[float] = []

    def step(self, loss: float | None) -> None:
        assert loss is not None
        self.losses.append(loss)


def learner(task: Any, **settings: Any) -> Learner:
    stage = StageSettings.model_validate({"epochs": 2, "batch": 8, **settings})
    model = task.model()
    set_trained(model, stage.train, stage.batch_norm)
    average = None if stage.average_weights is None else WeightAverage(model, stage.average_weights)
    return Learner(model, make_optimiser(parameter_groups(model, stage), stage), average, stage)


def lessons(task: Any, cells: int | None = None) -> CellLessons:
    data = task.train if cells is None else task.train.subset(np.linspace(0, 29, cells).astype(np.int64))
    objective = make_objective("none", data.labels, task.classes)
    return CellLessons(data, parse_augmentation([{"flip": 0.5}]), objective, 0, torch.device("cpu"))


def weights(learned: Learner) -> torch.Tensor:
    return torch.cat([value.detach().flatten().clone() for value in learned.model.parameters()])


def test_the_loss_is_the_mean_over_cells(two_classes: Any) -> None:
    display, material = Listener(), lessons(two_classes)
    loss = material.epoch(learner(two_classes), epoch=1, done=0, display=display)
    sizes = [8, 8, 8, 6]
    assert len(material.data) == sum(sizes)
    assert loss == pytest.approx(np.average(display.losses, weights=sizes))


def test_a_lone_last_cell_is_left_out(two_classes: Any) -> None:
    display = Listener()
    lessons(two_classes, 17).epoch(learner(two_classes), epoch=1, done=0, display=display)
    assert len(display.losses) == steps_of(17, 8) == 2


def test_an_epoch_depends_on_its_number_and_not_on_what_was_drawn_before(two_classes: Any) -> None:
    found = []
    for epoch in (1, 1, 2):
        torch.rand(7)
        learned = learner(two_classes)
        lessons(two_classes).epoch(learned, epoch=epoch, done=0, display=SilentDisplay())
        found.append(weights(learned))
    assert torch.equal(found[0], found[1])
    assert not torch.equal(found[0], found[2])


def test_dropout_is_drawn_from_the_seed(two_classes: Any) -> None:
    found = []
    for seed in (0, 0, 1):
        learned, material = learner(two_classes, train="head"), replace(lessons(two_classes), seed=seed)
        # One batch of all cells in their own order would be the same but for dropout and the flips.
        material.epoch(learned, epoch=1, done=0, display=SilentDisplay())
        found.append(weights(learned))
    assert torch.equal(found[0], found[1])
    assert not torch.equal(found[0], found[2])


def test_frozen_parts_stay_as_they_are(two_classes: Any) -> None:
    learned = learner(two_classes, train="head", rates=0.1)
    before = {name: value.clone() for name, value in learned.model.state_dict().items()}
    lessons(two_classes).epoch(learned, epoch=1, done=0, display=SilentDisplay())
    changed = {name for name, value in learned.model.state_dict().items() if not torch.equal(value, before[name])}
    assert changed == {"head.linear.weight", "head.linear.bias"}


def test_the_average_follows_the_steps(two_classes: Any) -> None:
    learned = learner(two_classes, average_weights=0.5)
    assert learned.average is not None
    before = learned.average.copies()["head.linear.weight"]
    lessons(two_classes).epoch(learned, epoch=1, done=0, display=SilentDisplay())
    after = learned.average.copies()["head.linear.weight"]
    assert not torch.equal(after, before)
    assert not torch.equal(after, learned.model.state_dict()["head.linear.weight"])
