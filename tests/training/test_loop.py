from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import torch
from safetensors.torch import load_file

from leukoscope.cohort.classes import Classes
from leukoscope.errors import DataError, LeukoscopeError, LeukoscopeWarning, SettingsError
from leukoscope.files import read_json, write_json
from leukoscope.training.display import SilentDisplay
from leukoscope.training.loop import Trained, train
from leukoscope.training.scoring import predict_store

STAGES = [
    {"epochs": 1, "batch": 8, "train": "head", "optimizer": "sgd", "rates": 0.1},
    {
        "epochs": 3,
        "batch": 8,
        "optimizer": "adamw",
        "rates": {"stem": 1e-3, "others": 3e-3},
        "schedule": {"kind": "cosine", "warmup": 1},
        "average_weights": 0.8,
    },
]


class StopsAfter(SilentDisplay):
    """Breaks off after some steps, by whatever means."""

    def __init__(self, steps: int, stop: Callable[[], None]) -> None:
        self.left, self.stop = steps, stop

    def step(self, loss: float | None) -> None:
        del loss
        self.left -= 1
        if self.left == 0:
            self.stop()


def interrupt() -> None:
    raise KeyboardInterrupt


def kill_self() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def run(task: Any, folder: Path, **others: Any) -> Trained:
    arguments = {"seed": task.recipe.seed, "folder": folder, "device": "cpu"} | others
    return train(task.model(), task.train, task.validation, task.recipe, task.classes, **arguments)


def same_state(first: Trained, second: Trained) -> bool:
    ours, theirs = first.model.state_dict(), second.model.state_dict()
    return all(torch.equal(value, theirs[name]) for name, value in ours.items())


@pytest.fixture(scope="module")
def task(two_classes: Any) -> Any:
    return two_classes.with_recipe(stages=STAGES)


@pytest.fixture(scope="module")
def unbroken(task: Any, tmp_path_factory: pytest.TempPathFactory) -> tuple[Trained, Path]:
    folder = tmp_path_factory.mktemp("unbroken")
    return run(task, folder), folder


def test_stages_share_one_count_of_epochs_and_the_best_is_kept(unbroken: tuple[Trained, Path]) -> None:
    trained, folder = unbroken
    history = trained.history
    assert history["epoch"].to_list() == [1, 2, 3, 4]
    assert history["stage"].to_list() == [1, 2, 2, 2]
    areas = history["validation_roc_auc"]
    assert trained.best_epoch == areas.arg_max() + 1
    assert pl.read_csv(folder / "history.csv", schema=history.schema).equals(history)
    assert not any("second" in name for name in history.columns)
    assert repr(trained) == (
        f"Trained for 4 epochs, best epoch {trained.best_epoch} (validation roc auc {areas.max():.4f})"
    )


def test_it_learns(unbroken: tuple[Trained, Path]) -> None:
    history = unbroken[0].history
    assert history["loss"][-1] < history["loss"][0]
    assert history["validation_roc_auc"].max() > 0.9


def test_only_trained_parts_have_rates(unbroken: tuple[Trained, Path]) -> None:
    rates = unbroken[0].history.select(pl.selectors.starts_with("rate_"))
    assert rates.columns == ["rate_stem", "rate_layer1", "rate_layer2", "rate_head"]
    assert rates["rate_stem"][0] is None
    assert rates["rate_head"][0] == 0.1
    # The second stage's first epoch is its warm-up: the last of four steps is at seven eighths of it.
    assert rates.row(1) == pytest.approx((1e-3 * 7 / 8, 3e-3 * 7 / 8, 3e-3 * 7 / 8, 3e-3 * 7 / 8))


def test_the_returned_network_is_the_best_epoch_s(unbroken: tuple[Trained, Path], task: Any) -> None:
    trained, folder = unbroken
    kept = load_file(folder / "checkpoints" / "best" / "weights.safetensors")
    assert all(torch.equal(value, kept[name]) for name, value in trained.model.state_dict().items())
    assert not trained.model.training
    logits = predict_store(trained.model, task.validation, task.classes)[:, 0]
    right = ((logits >= 0) == (task.validation.labels == 1)).mean()
    row = trained.history.row(trained.best_epoch - 1, named=True)
    assert right == pytest.approx(row["validation_accuracy"])


def test_nothing_in_the_folder_is_a_pickle(unbroken: tuple[Trained, Path]) -> None:
    names = {path.suffix for path in unbroken[1].rglob("*") if path.is_file()}
    assert names == {".safetensors", ".json", ".csv"}


@pytest.mark.parametrize("steps", [2, 9, 13, 20])
def test_interrupted_and_resumed_is_as_if_never_stopped(
    task: Any, unbroken: tuple[Trained, Path], tmp_path: Path, steps: int
) -> None:
    with pytest.raises(KeyboardInterrupt):
        run(task, tmp_path, display=StopsAfter(steps, interrupt))
    resumed = run(task, tmp_path)
    assert (tmp_path / "history.csv").read_bytes() == (unbroken[1] / "history.csv").read_bytes()
    assert resumed.best_epoch == unbroken[0].best_epoch
    assert same_state(resumed, unbroken[0])


def test_killed_and_resumed_is_as_if_never_stopped(task: Any, unbroken: tuple[Trained, Path], tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    model, place = task.model(), (task.train, task.validation, task.recipe, task.classes)
    process = context.Process(target=train_and_be_killed, args=(model, place, tmp_path))
    process.start()
    process.join(120)
    assert process.exitcode == -signal.SIGKILL
    assert len(read_json(tmp_path / "checkpoints" / "last" / "state.json")["history"]) == 2
    resumed = run(task, tmp_path)
    assert (tmp_path / "history.csv").read_bytes() == (unbroken[1] / "history.csv").read_bytes()
    assert same_state(resumed, unbroken[0])


def train_and_be_killed(model: Any, place: tuple[Any, ...], folder: Path) -> None:
    torch.set_num_threads(1)
    display = StopsAfter(13, kill_self)
    train(model, *place, seed=0, folder=folder, device="cpu", display=display)


def test_a_finished_training_is_only_read(task: Any, unbroken: tuple[Trained, Path]) -> None:
    again = run(task, unbroken[1], display=StopsAfter(1, interrupt))
    assert again.history.equals(unbroken[0].history)
    assert same_state(again, unbroken[0])


def test_other_settings_are_refused_by_name(task: Any, unbroken: tuple[Trained, Path]) -> None:
    other = task.with_recipe(stages=STAGES, augmentation=[])
    with pytest.raises(SettingsError) as caught:
        run(other, unbroken[1], seed=5)
    assert str(caught.value) == (
        "The training in this folder was begun with other settings: seed, augmentation.\n"
        f"  where: {unbroken[1]}\n"
        "  what to do: Give the same settings and data as then, or start anew in another folder."
    )


def test_other_cells_are_refused(task: Any, unbroken: tuple[Trained, Path]) -> None:
    with pytest.raises(SettingsError, match="begun with other settings: training cells, validation cells"):
        run(replace(task, train=task.validation, validation=task.train), unbroken[1])


def test_a_checkpoint_without_resume_is_refused(task: Any, unbroken: tuple[Trained, Path]) -> None:
    with pytest.raises(SettingsError) as caught:
        run(task, unbroken[1], resume=False)
    assert str(caught.value) == (
        "This folder already holds a training.\n"
        f"  where: {unbroken[1]}\n"
        "  what to do: Go on with it (resume), or take another folder."
    )


def test_another_number_of_threads_is_said(task: Any, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        run(task, tmp_path, display=StopsAfter(9, interrupt))
    state = tmp_path / "checkpoints" / "last" / "state.json"
    kept = read_json(state)
    write_json(state, kept | {"computing": kept["computing"] | {"threads": 7}})
    with pytest.warns(LeukoscopeWarning, match=r"other conditions \(threads 7 then, 1 now\): the last digits may"):
        run(task, tmp_path)


def test_the_seed_decides_and_nothing_else(task: Any, unbroken: tuple[Trained, Path], tmp_path: Path) -> None:
    torch.manual_seed(99)
    again, other = run(task, tmp_path / "again"), run(task, tmp_path / "other", seed=1)
    assert again.history.equals(unbroken[0].history)
    assert not other.history.equals(unbroken[0].history)


def test_torchs_own_state_is_left_alone(two_classes: Any, tmp_path: Path) -> None:
    task = two_classes.with_recipe(stages=[{"epochs": 1}])
    torch.manual_seed(3)
    expected = torch.rand(2)
    torch.manual_seed(3)
    run(task, tmp_path)
    assert torch.equal(torch.rand(2), expected)
    assert not torch.are_deterministic_algorithms_enabled()


def test_three_classes_are_learned(three_classes: Any, tmp_path: Path) -> None:
    stages = [{"epochs": 3, "batch": 8, "optimizer": "rmsprop", "momentum": 0.9, "rates": 1e-3}]
    task = three_classes.with_recipe(stages=stages, balance={"loss_weights": "balanced"})
    trained = run(task, tmp_path)
    assert trained.history["validation_roc_auc"].max() > 0.8
    assert "validation_sensitivity" not in trained.history.columns


def test_patience_ends_a_stage(two_classes: Any, tmp_path: Path) -> None:
    still = {"epochs": 9, "rates": 0.0, "batch_norm": "frozen", "optimizer": "sgd"}
    task = two_classes.with_recipe(stages=[still | {"patience": 2}, still | {"patience": 1}])
    trained = run(task, tmp_path)
    # Nothing changes at a rate of 0: epoch 1 stays the best.
    assert trained.history["stage"].to_list() == [1, 1, 1, 2]
    assert trained.best_epoch == 1


PLATEAU = {
    "epochs": 4,
    "batch": 8,
    "optimizer": "rmsprop",
    "rates": 1e-3,
    "epsilon": 1e-7,
    "batch_norm": "frozen",
    "schedule": {"kind": "plateau", "factor": 0.1, "patience": 1},
}


def test_rates_fall_on_a_plateau(two_classes: Any, tmp_path: Path) -> None:
    still = PLATEAU | {"rates": {"head": 1e-30}, "train": "head", "schedule": PLATEAU["schedule"] | {"patience": 2}}
    trained = run(two_classes.with_recipe(stages=[still | {"epochs": 6}, still | {"epochs": 2}]), tmp_path)
    # Nothing changes at such a rate: epochs 2 and 3 are not better than 1, nor are 4 and 5; a stage begins anew.
    expected = [1e-30, 1e-30, 1e-30, 1e-31, 1e-31, 1e-32, 1e-30, 1e-30]
    assert trained.history["rate_head"].to_list() == pytest.approx(expected, rel=1e-9, abs=0)


@pytest.fixture(scope="module")
def on_a_plateau(two_classes: Any, tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Trained, Path]:
    folder = tmp_path_factory.mktemp("plateau")
    # The area under the curve is soon as good as it can be.
    task = two_classes.with_recipe(stages=[PLATEAU, PLATEAU | {"epochs": 2}])
    trained = run(task, folder)
    rates = trained.history["rate_head"]
    assert rates[:4].n_unique() > 1, "the rates fell"
    assert rates[4] == rates[0], "and are whole again in the next stage"
    return task, trained, folder


@pytest.mark.parametrize("steps", [6, 13, 17, 25])
def test_a_plateau_is_counted_alike_by_whoever_was_interrupted(
    on_a_plateau: tuple[Any, Trained, Path], tmp_path: Path, steps: int
) -> None:
    task, unbroken, folder = on_a_plateau
    with pytest.raises(KeyboardInterrupt):
        run(task, tmp_path, display=StopsAfter(steps, interrupt))
    resumed = run(task, tmp_path)
    assert (tmp_path / "history.csv").read_bytes() == (folder / "history.csv").read_bytes()
    assert same_state(resumed, unbroken)


def test_an_unknown_metric_is_refused_before_anything_is_trained(two_classes: Any, tmp_path: Path) -> None:
    task = two_classes.with_recipe(best_epoch={"metric": "weigthed_f1"})
    with pytest.raises(SettingsError) as caught:
        run(task, tmp_path)
    assert str(caught.value).startswith(
        "There is no metric 'weigthed_f1'.\n  where: best_epoch.metric\n  what to do: Did you mean 'weighted_f1'?"
    )
    assert not list(tmp_path.iterdir())


def test_a_wrong_part_in_the_last_stage_is_refused_before_the_first(two_classes: Any, tmp_path: Path) -> None:
    task = two_classes.with_recipe(stages=[{"epochs": 1}, {"epochs": 1, "train": ["layer9"]}])
    with pytest.raises(SettingsError, match="The network has no part 'layer9'"):
        run(task, tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_training_that_diverges_says_where(two_classes: Any, tmp_path: Path) -> None:
    task = two_classes.with_recipe(stages=[{"epochs": 1, "batch": 8, "optimizer": "sgd", "rates": 1e38}])
    with pytest.raises(LeukoscopeError) as caught:
        run(task, tmp_path)
    assert str(caught.value) == (
        "The training loss is no longer a number (nan): the training has diverged.\n"
        "  where: epoch 1, step 2\n"
        "  what to do: Lower the learning rates (stages: rates), or let them rise slowly (stages: schedule.warmup)."
    )


def test_a_class_without_training_cells_is_refused(two_classes: Any, tmp_path: Path) -> None:
    chosen = two_classes.train.subset(np.flatnonzero(two_classes.train.labels == 0))
    with pytest.raises(DataError, match="The training part has no cell of the class 'class1'"):
        run(replace(two_classes, train=chosen), tmp_path)


def test_a_class_of_which_none_is_learnt_from_does_not_stop_a_fold(three_classes: Any, tmp_path: Path) -> None:
    chosen = three_classes.train.subset(np.flatnonzero(three_classes.train.labels < 2))
    stages = [{"epochs": 1, "batch": 16, "train": "head"}]
    for name, changes in {
        "weighed": {"balance": {"loss_weights": "class_balanced"}},
        "adjusted": {"loss": {"logit_adjustment": 1}},
    }.items():
        task = replace(three_classes.with_recipe(stages=stages, augmentation=[], **changes), train=chosen)
        assert np.isfinite(run(task, tmp_path / name).history["loss"].to_numpy()).all()


def test_cells_without_label_are_refused(two_classes: Any, tmp_path: Path) -> None:
    data = two_classes.validation
    unknown = replace(data, labels=np.full_like(data.labels, -1))
    with pytest.raises(DataError) as caught:
        run(replace(two_classes, validation=unknown), tmp_path)
    assert str(caught.value) == ("A cell of the validation part has no label.\n  where: id 0_00 (and 9 more)")


def test_an_empty_part_is_refused(two_classes: Any, tmp_path: Path) -> None:
    nobody = two_classes.validation.subset(np.empty(0, dtype=np.int64))
    with pytest.raises(DataError, match="The validation part has no cell"):
        run(replace(two_classes, validation=nobody), tmp_path)


def test_a_metric_that_validation_does_not_define_is_refused(two_classes: Any, tmp_path: Path) -> None:
    alone = two_classes.validation.subset(np.flatnonzero(two_classes.validation.labels == 0))
    with pytest.raises(DataError, match="The metric 'roc_auc' is not defined on the validation part"):
        run(replace(two_classes, validation=alone), tmp_path)


def test_the_first_class_may_be_the_positive_one(two_classes: Any, tmp_path: Path) -> None:
    turned = Classes(two_classes.classes.names, positive="class0")
    trained = run(replace(two_classes, classes=turned), tmp_path)
    logits = predict_store(trained.model, two_classes.validation, turned)[:, 0]
    assert logits[two_classes.validation.labels == 0].mean() > logits[two_classes.validation.labels == 1].mean()
