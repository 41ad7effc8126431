from __future__ import annotations

import multiprocessing
import os
import signal
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import torch

from leukoscope.models.trained_parts import set_trained
from leukoscope.pictures.augmentation import parse_augmentation
from leukoscope.recipes.schema import TestTimeSettings as Views
from leukoscope.training import loop
from leukoscope.training.display import SilentDisplay
from leukoscope.training.frozen_stage import is_random, keeps_mean, only_head_learns
from leukoscope.training.loop import Trained, train

HEAD = {"epochs": 3, "batch": 8, "train": "head", "optimizer": "adam", "rates": 0.03}
ALL = {"epochs": 1, "batch": 8, "train": "all", "optimizer": "sgd", "rates": 0.01}
LINEAR = {"backbone": "test_resnet", "cut": "layer2", "dropout": 0.2}
DENSE = LINEAR | {"head": "dense", "hidden": [16, 8], "hidden_dropout": 0.3}
SEEDS = iter(range(1000, 2000))


class Course(SilentDisplay):
    """Notes how many pictures the backbone has seen before each epoch, and breaks off where it is asked to."""

    def __init__(self, model: Any, stop_after: int = 10**9, stop: Any = None) -> None:
        self.seen, self.before, self.left, self.stop = 0, [], stop_after, stop
        model.backbone.net.conv1.register_forward_hook(self.note)

    def note(self, _module: Any, given: Any, _found: Any) -> None:
        self.seen += len(given[0])

    def begin_epoch(self, epoch: int, stage: int, steps: int) -> None:
        del epoch, stage, steps
        self.before.append(self.seen)

    def step(self, loss: float | None) -> None:
        del loss
        self.left -= 1
        if self.left == 0:
            self.stop()


def run(task: Any, folder: Path, model: Any = None, **others: Any) -> Trained:
    arguments = {"seed": task.recipe.seed, "folder": folder, "device": "cpu"} | others
    return train(model or task.model(), task.train, task.validation, task.recipe, task.classes, **arguments)


def through_the_base(task: Any, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Trained:
    with monkeypatch.context() as patched:
        patched.setattr(loop, "on_features", lambda course, _learner, _display: course)
        return run(task, folder)


def assert_same(first: Trained, second: Trained) -> None:
    assert first.history.columns == second.history.columns
    numbers = [table.history.fill_null(-1).cast(pl.Float64).to_numpy() for table in (first, second)]
    np.testing.assert_allclose(numbers[0], numbers[1], rtol=1e-5, atol=1e-5)
    theirs = second.model.state_dict()
    for name, value in first.model.state_dict().items():
        torch.testing.assert_close(value, theirs[name], rtol=1e-4, atol=1e-5)


def turned(task: Any) -> Any:
    """Return the task with each training cell once more, lying otherwise."""
    data, count = task.train, len(task.train)
    twice = data.subset(np.tile(np.arange(count), 2))
    turns = np.concatenate([np.zeros(count, dtype=np.int64), np.arange(count) % 8])
    ids = [f"{name}#{place}" for place, name in enumerate(twice.ids)]
    return replace(task, train=replace(twice, ids=ids, turns=turns))


def asked(task: Any, **changes: Any) -> Any:
    """Return the task without random changes, with weights that no other test has."""
    plain: dict[str, Any] = {"augmentation": [], "model": LINEAR, "stages": [HEAD], "seed": next(SEEDS)}
    return task.with_recipe(**plain | changes)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"model": DENSE},
        {"stages": [HEAD | {"batch_norm": "frozen", "average_weights": 0.7}, ALL]},
        {"stages": [HEAD | {"batch": 29, "schedule": {"kind": "cosine", "warmup": 1}}]},
        {"stages": [HEAD, ALL, HEAD], "model": DENSE},
        {"model": LINEAR | {"crop": 24, "measures": ["log_cell_area"]}},
        {"model": LINEAR | {"pool": "cell", "pool_rim": 2}},
        {"model": DENSE | {"pool": "flatten"}},
        {"augmentation": [{"fill": "edge"}], "balance": {"loss_weights": "balanced"}},
        {"balance": {"sampling": "subsample_and_augment", "cells_per_class": 17}},
        {"balance": {"sampling": "class_balanced_batches"}, "model": DENSE},
        {"stages": [ALL | {"unfreeze": "gradually", "epochs": 2}]},
        {"test_time": {"rotations": 2, "flips": "horizontal"}},
        {"test_time": {"rotations": 2}, "model": DENSE},
        {"test_time": {"rotations": 2, "mean": "probabilities"}},
    ],
    ids=lambda changes: ",".join(changes) or "plain",
)
def test_what_is_learnt_on_features_is_what_is_learnt_through_the_base(
    two_classes: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any]
) -> None:
    task = asked(two_classes, **changes)
    assert_same(run(task, tmp_path / "ours"), through_the_base(task, tmp_path / "theirs", monkeypatch))


@pytest.mark.parametrize("model", [LINEAR, DENSE], ids=["linear", "dense"])
def test_turned_copies_have_features_of_their_own(
    three_classes: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: dict[str, Any]
) -> None:
    task = turned(asked(three_classes, model=model))
    ours = run(task, tmp_path / "ours")
    assert_same(ours, through_the_base(task, tmp_path / "theirs", monkeypatch))
    untold = replace(task, train=replace(task.train, turns=None))
    other = run(untold, tmp_path / "other")
    assert not np.allclose(other.history["loss"].to_numpy(), ours.history["loss"].to_numpy(), rtol=1e-5)


def test_each_cell_goes_through_the_base_once_until_it_learns_again(two_classes: Any, tmp_path: Path) -> None:
    task = asked(two_classes, stages=[HEAD, ALL, HEAD | {"epochs": 2}])
    both, model = len(task.train) + len(task.validation), task.model()
    display = Course(model)
    run(task, tmp_path, model, display=display)
    # The second stage is one epoch through the base; what it made of it is embedded anew.
    assert display.before == [both, both, both, both, 3 * both, 3 * both]
    assert display.seen == 3 * both


def test_the_first_step_of_gradual_unfreezing_is_on_features(two_classes: Any, tmp_path: Path) -> None:
    task = asked(two_classes, stages=[ALL | {"unfreeze": "gradually"}])
    both, display = len(task.train) + len(task.validation), Course(model := task.model())
    run(task, tmp_path, model, display=display)
    # Head; layer2, layer1 and stem one after the other.
    assert [*display.before, display.seen] == [both, both, 2 * both, 3 * both, 4 * both]


def test_a_copy_that_lies_alike_is_embedded_once(two_classes: Any, tmp_path: Path) -> None:
    task = asked(two_classes)
    twice = task.train.subset(np.tile(np.arange(len(task.train)), 2))
    task = replace(task, train=replace(twice, ids=[f"{place}" for place in range(len(twice))]))
    display = Course(model := task.model())
    run(task, tmp_path, model, display=display)
    assert display.seen == len(task.train) // 2 + len(task.validation)


@pytest.mark.parametrize(
    ("changes", "each_epoch"),
    [
        ({"augmentation": [{"flip": 0.5}]}, (1, 1)),
        ({"stages": [HEAD | {"train": ["layer2", "head"]}]}, (1, 1)),
        ({"test_time": {"rotations": 2}, "model": DENSE}, (0, 2)),
        ({"test_time": {"rotations": 2, "mean": "probabilities"}}, (0, 2)),
        ({"test_time": {"rotations": 2}}, (0, 0)),
    ],
    ids=["random changes", "a trained stage", "views of a dense head", "mean probabilities", "views of a linear head"],
)
def test_what_goes_through_the_base_in_every_epoch(
    two_classes: Any, tmp_path: Path, changes: dict[str, Any], each_epoch: tuple[int, int]
) -> None:
    task = asked(two_classes, **changes)
    display = Course(model := task.model())
    run(task, tmp_path, model, display=display)
    steps = np.diff([*display.before, display.seen])
    assert set(steps.tolist()) == {each_epoch[0] * len(task.train) + each_epoch[1] * len(task.validation)}


@pytest.mark.parametrize("steps", [2, 8, 14])
def test_interrupted_on_features_and_resumed_is_as_if_never_stopped(
    two_classes: Any, tmp_path: Path, steps: int
) -> None:
    task = turned(asked(two_classes, model=DENSE, stages=[HEAD | {"average_weights": 0.7}, ALL]))
    unbroken = run(task, tmp_path / "unbroken")

    def interrupt() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(task, tmp_path / "broken", model := task.model(), display=Course(model, steps, interrupt))
    resumed = run(task, tmp_path / "broken")
    assert_identical(resumed, unbroken)
    written = [(tmp_path / name / "history.csv").read_bytes() for name in ("broken", "unbroken")]
    assert written[0] == written[1]


@pytest.mark.parametrize("gone", [False, True], ids=["features kept", "features gone"])
def test_killed_on_features_and_resumed_is_as_if_never_stopped(two_classes: Any, tmp_path: Path, gone: bool) -> None:
    task = asked(two_classes)
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=train_and_be_killed, args=(task, tmp_path / "killed"))
    process.start()
    process.join(120)
    assert process.exitcode == -signal.SIGKILL
    kept = sorted(task.train.store.folder.rglob("values.npy"), key=lambda path: path.stat().st_mtime)
    if gone:
        kept[-1].unlink()
    resumed = run(task, tmp_path / "killed")
    assert resumed.history.height == 3
    assert_identical(resumed, run(task, tmp_path / "unbroken"))


def train_and_be_killed(task: Any, folder: Path) -> None:
    torch.set_num_threads(1)
    model = task.model()
    run(task, folder, model, display=Course(model, 9, lambda: os.kill(os.getpid(), signal.SIGKILL)))


def assert_identical(first: Trained, second: Trained) -> None:
    assert first.history.equals(second.history)
    theirs = second.model.state_dict()
    assert all(torch.equal(value, theirs[name]) for name, value in first.model.state_dict().items())


def test_embedding_is_announced_with_the_cells_that_are_missing(two_classes: Any, tmp_path: Path) -> None:
    class Told(SilentDisplay):
        def __init__(self) -> None:
            self.works: list[tuple[str, int]] = []

        def working(self, what: str, total: int) -> Any:
            self.works.append((what, total))
            return super().working(what, total)

    task, display = asked(two_classes), Told()
    for place in ("first", "second"):
        run(task, tmp_path / place, display=display)
    both = len(task.train) + len(task.validation)
    assert display.works == [("Embedding cells", both), ("Embedding cells", 0)]


def test_checkpoints_are_those_of_the_whole_network(
    two_classes: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = asked(two_classes, stages=[HEAD | {"average_weights": 0.5}])
    run(task, tmp_path / "ours")
    through_the_base(task, tmp_path / "theirs", monkeypatch)
    files = [sorted(path.name for path in (tmp_path / name).rglob("*")) for name in ("ours", "theirs")]
    assert files[0] == files[1]
    sizes = [
        {path.name: path.stat().st_size for path in (tmp_path / name / "checkpoints" / "last").glob("*.safetensors")}
        for name in ("ours", "theirs")
    ]
    assert sizes[0] == sizes[1]


def test_only_the_head_learns_where_nothing_of_the_base_has_a_gradient(two_classes: Any) -> None:
    model = asked(two_classes).model()
    found = []
    for parts in ("head", ["head"], ["layer2", "head"], "all"):
        set_trained(model, parts)
        found.append(only_head_learns(model))
    assert found == [True, True, False, False]


def test_what_fills_corners_is_not_random() -> None:
    changes: list[list[dict[str, Any]]] = [
        [],
        [{"fill": "edge"}],
        [{"fill": "edge"}, {"rotate": 360}],
        [{"noise": 0.1}],
    ]
    assert [is_random(parse_augmentation(entries)) for entries in changes] == [False, False, True, True]


def test_the_mean_of_features_serves_one_view_and_linear_heads(two_classes: Any) -> None:
    several, of_probabilities = Views(rotations=4), Views(rotations=4, mean="probabilities")
    found = {
        name: [
            keeps_mean(asked(two_classes, model=model).model(), views) for views in (Views(), several, of_probabilities)
        ]
        for name, model in (("linear", LINEAR), ("dense", DENSE))
    }
    assert found == {"linear": [True, True, False], "dense": [True, False, False]}
