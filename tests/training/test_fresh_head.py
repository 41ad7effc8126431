from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from leukoscope.training import loop, train
from leukoscope.training.fresh_head import renew_head

HEAD = {"epochs": 1, "batch": 8, "train": "head"}
RETRAINED = HEAD | {"sampling": "class_balanced_batches", "fresh_head": True}


@pytest.mark.parametrize("model", [{"head": "linear"}, {"head": "dense", "hidden": [6], "feature_norm": True}])
def test_a_fresh_head_is_at_random_and_depends_on_seed_and_stage(three_classes: Any, model: dict[str, Any]) -> None:
    task = three_classes.with_recipe(model={"backbone": "test_resnet", "cut": "layer2", **model})

    def renewed(seed: int, stage: int) -> torch.Tensor:
        network = task.model()
        torch.nn.init.constant_(network.head.linear.weight, 7.0)
        before = {name: value.clone() for name, value in network.backbone.state_dict().items()}
        renew_head(network, task.recipe.model, task.classes, seed=seed, stage=stage)
        assert all(torch.equal(value, before[name]) for name, value in network.backbone.state_dict().items())
        return network.head.linear.weight.detach().clone()

    first, again = renewed(0, 2), renewed(0, 2)
    assert torch.equal(first, again)
    assert first.abs().max() < 2
    assert not torch.equal(first, renewed(1, 2))
    assert not torch.equal(first, renewed(0, 3))


def test_a_stage_with_a_fresh_head_forgets_what_the_one_before_it_taught(
    three_classes: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights: list[torch.Tensor] = []
    begin = loop._begin_stage

    def noted(model: Any, *given: Any) -> Any:
        weights.append(model.head.linear.weight.detach().clone())
        return begin(model, *given)

    monkeypatch.setattr(loop, "_begin_stage", noted)
    for folder, second in (("fresh", RETRAINED), ("kept", HEAD)):
        task = three_classes.with_recipe(stages=[HEAD | {"rates": 0.1}, second])
        parts = (task.train, task.validation, task.recipe, task.classes)
        train(task.model(), *parts, seed=0, folder=tmp_path / folder, device="cpu")
    first, fresh, same_first, kept = weights
    assert torch.equal(first, same_first)
    assert fresh.abs().max() < 0.1 < kept.abs().max()


def test_a_training_that_goes_on_keeps_the_head_that_it_had_begun(
    three_classes: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = three_classes.with_recipe(stages=[HEAD, RETRAINED | {"epochs": 3}])

    def trained(folder: str) -> Any:
        parts = (task.train, task.validation, task.recipe, task.classes)
        return train(task.model(), *parts, seed=0, folder=tmp_path / folder, device="cpu").history

    whole, calls = trained("whole"), []
    epoch = loop.CellLessons.epoch

    def stop_after_two(self: Any, learner: Any, **given: Any) -> float:
        if len(calls) == 2:
            raise KeyboardInterrupt
        calls.append(1)
        return epoch(self, learner, **given)

    with monkeypatch.context() as patched:
        patched.setattr(loop.CellLessons, "epoch", stop_after_two)
        with pytest.raises(KeyboardInterrupt):
            trained("stopped")
    assert trained("stopped").equals(whole)


def test_a_stage_draws_its_batches_evenly_where_it_asks_for_it(
    three_classes: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[list[int]] = []
    step = loop.CellLessons.epoch.__globals__["_step"]

    def noted(learner: Any, lessons: Any, given: Any, labels: torch.Tensor, **more: Any) -> float:
        seen.append(torch.bincount(labels, minlength=3).tolist())
        return float(step(learner, lessons, given, labels, **more))

    monkeypatch.setitem(loop.CellLessons.epoch.__globals__, "_step", noted)
    task = three_classes.with_recipe(stages=[HEAD | {"batch": 64}, RETRAINED | {"batch": 64}])
    parts = (task.train, task.validation, task.recipe, task.classes)
    train(task.model(), *parts, seed=0, folder=tmp_path, device="cpu")
    assert seen == [[12, 9, 6], [9, 9, 9]]
