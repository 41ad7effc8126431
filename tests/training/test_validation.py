from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import nn

from leukoscope.errors import LeukoscopeError
from leukoscope.recipes.schema import StageSettings
from leukoscope.recipes.schema import TestTimeSettings as Views
from leukoscope.training.averaging import WeightAverage
from leukoscope.training.display import SilentDisplay
from leukoscope.training.learner import Learner
from leukoscope.training.objectives import Objective
from leukoscope.training.optimisers import make_optimiser
from leukoscope.training.validation import CellExamination


def learner(task: Any) -> Learner:
    model, stage = task.model(), StageSettings(epochs=1, batch=4)
    return Learner(model, make_optimiser([{"params": list(model.parameters()), "lr": 0.1}], stage), None, stage)


def examination(task: Any) -> CellExamination:
    objective = Objective(task.classes, torch.ones(2))
    return CellExamination(task.validation, task.classes, objective, Views(), "roc_auc", torch.device("cpu"))


def test_the_loss_is_the_training_s_and_is_log_loss_without_weights(two_classes: Any) -> None:
    learned, asked = learner(two_classes), examination(two_classes)
    found = asked.examine(learned, SilentDisplay())
    assert found["loss"] == pytest.approx(found["log_loss"], abs=1e-6)
    doubled = replace(asked, objective=Objective(two_classes.classes, torch.full((2,), 2.0)))
    assert doubled.examine(learned, SilentDisplay())["loss"] == pytest.approx(2 * float(found["log_loss"] or 0))


def test_averaged_weights_are_examined_where_there_are_such(two_classes: Any) -> None:
    learned, asked = learner(two_classes), examination(two_classes)
    before = asked.examine(learned, SilentDisplay())
    averaged = replace(learned, average=WeightAverage(learned.model, 0.5))
    nn.init.constant_(learned.model.head.get_parameter("linear.weight"), 1.0)
    assert asked.examine(averaged, SilentDisplay()) == before
    assert asked.examine(learned, SilentDisplay()) != before


def test_a_network_without_numbers_has_diverged(two_classes: Any) -> None:
    learned = learner(two_classes)
    nn.init.constant_(learned.model.head.get_parameter("linear.bias"), float("nan"))
    with pytest.raises(LeukoscopeError) as caught:
        examination(two_classes).examine(learned, SilentDisplay())
    assert str(caught.value) == (
        "The network no longer gives numbers for the validation part: the training has diverged.\n"
        "  what to do: Lower the learning rates (stages: rates), or let them rise slowly (stages: schedule.warmup)."
    )
