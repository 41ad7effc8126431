from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from leukoscope.training import loop
from leukoscope.training.cell_features import missing_cells
from leukoscope.training.loop import Trained, train

JOINT = {
    "backbone": "joint",
    "branches": {
        "A": {"backbone": "test_resnet", "cut": "layer1"},
        "B": {"backbone": "test_resnet", "cut": "layer2", "normalise": "none"},
    },
    "head": "dense",
    "hidden": [8, 8],
    "hidden_dropout": 0.6,
    "feature_norm": True,
}
FROZEN = [{"epochs": 3, "batch": 8, "train": "head", "optimizer": "adam", "rates": 0.01}]
PARTLY = [
    {
        "epochs": 1,
        "batch": 8,
        "train": ["A", "B.layer2", "head"],
        "optimizer": "sgd",
        "rates": {"A": 1e-3, "others": 1e-2},
    }
]


def run(task: Any, folder: Path) -> Trained:
    return train(
        task.model(), task.train, task.validation, task.recipe, task.classes, seed=1, folder=folder, device="cpu"
    )


@pytest.mark.parametrize("views", [{}, {"rotations": 4, "mean": "logits"}], ids=["one view", "four views"])
def test_a_frozen_joint_stage_learns_on_features_what_it_would_through_the_branches(
    two_classes: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, views: dict[str, Any]
) -> None:
    task = two_classes.with_recipe(model=JOINT, stages=FROZEN, augmentation=[], test_time=views)
    fast = run(task, tmp_path / "fast")
    assert missing_cells(fast.model, task.train) == 0
    with monkeypatch.context() as patched:
        patched.setattr(loop, "on_features", lambda course, _learner, _display: course)
        slow = run(task, tmp_path / "slow")
    np.testing.assert_allclose(fast.history["loss"], slow.history["loss"], rtol=1e-4)
    np.testing.assert_allclose(fast.history["validation_loss"], slow.history["validation_loss"], rtol=1e-3)
    theirs = slow.model.state_dict()
    for name, value in fast.model.state_dict().items():
        torch.testing.assert_close(value, theirs[name], rtol=1e-3, atol=1e-4)
    assert fast.model.head.get_buffer("norm.running_mean").abs().sum() > 0


def test_branches_that_learn_and_those_that_do_not(three_classes: Any, tmp_path: Path) -> None:
    task = three_classes.with_recipe(model=JOINT, stages=PARTLY, best_epoch={"metric": "loss"})
    before, trained = task.model().state_dict(), run(task, tmp_path)
    changed = {name for name, value in trained.model.state_dict().items() if not torch.equal(value, before[name])}
    assert any(name.startswith("backbone.net.A.conv1") for name in changed)
    assert any(name.startswith("backbone.net.B.layer2") for name in changed)
    assert not any(name.startswith(("backbone.net.B.conv1", "backbone.net.B.layer1")) for name in changed)
    assert {"rate_A.stem", "rate_B.layer2", "rate_head"} < set(trained.history.columns)
