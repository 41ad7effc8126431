"""Training from the first epoch to the last: stages, epochs, and what is done after each."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl
import torch

from leukoscope.cohort.classes import Classes
from leukoscope.errors import DataError, LeukoscopeError, SettingsError
from leukoscope.models.cell_model import BatchNorm
from leukoscope.models.network import Network
from leukoscope.models.patient_model import PatientModel
from leukoscope.models.trained_parts import parameter_groups, set_trained
from leukoscope.pictures.augmentation import parse_augmentation
from leukoscope.pictures.bags import BagData
from leukoscope.pictures.batches import CellData
from leukoscope.recipes.schema import Recipe, StageSettings
from leukoscope.training.averaging import WeightAverage
from leukoscope.training.checkpoints import Checkpoint, load_checkpoint, load_weights
from leukoscope.training.course import Course
from leukoscope.training.device import choose_device, deterministic
from leukoscope.training.display import Display, Plan, SilentDisplay
from leukoscope.training.fresh_head import renew_head
from leukoscope.training.frozen_backbone import embed_ahead
from leukoscope.training.frozen_stage import on_features
from leukoscope.training.history import VALIDATION, History, Row
from leukoscope.training.keeping import Keeper, computing_on, decisive_settings
from leukoscope.training.learner import Learner
from leukoscope.training.memory import keep_freed_memory
from leukoscope.training.metrics import SMALLEST_IS_BEST, check_metric
from leukoscope.training.objectives import make_objective
from leukoscope.training.optimisers import make_optimiser, restore_optimiser
from leukoscope.training.patients import PatientExamination, PatientLessons
from leukoscope.training.sampling import drawn_evenly, labels_seen, sampled
from leukoscope.training.steps import CellLessons
from leukoscope.training.synergic import forget_synergy, learn_synergy, make_synergic
from leukoscope.training.unfreezing import with_all_stages
from leukoscope.training.validation import CellExamination


@dataclass(frozen=True)
class Trained:
    """A finished training.

    Args:
        model: The network with the best epoch's weights, in evaluation mode.
        best_epoch: That epoch, 1 and on, over all stages.
        metric: The validation metric that chose it.
        history: One row an epoch: ``epoch``, ``stage``, ``loss``, ``validation_<metric>``, and ``rate_<part>``, the
            learning rate of its last step (null where a part was not trained).
    """

    model: Network
    best_epoch: int
    metric: str
    history: pl.DataFrame

    def __repr__(self) -> str:
        value = self.history.filter(pl.col("epoch") == self.best_epoch)[VALIDATION + self.metric][0]
        name = self.metric.replace("_", " ")
        return f"Trained for {self.history.height} epochs, best epoch {self.best_epoch} (validation {name} {value:.4f})"


def train(
    model: Network,
    train_data: CellData | BagData,
    validation_data: CellData | BagData,
    recipe: Recipe,
    classes: Classes,
    *,
    seed: int,
    folder: Path,
    device: str | torch.device = "auto",
    resume: bool = True,
    display: Display | None = None,
) -> Trained:
    """Train a network as a recipe says, and return it with the weights of its best epoch.

    The test part has no business here: the best epoch is that of the best validation metric, the first of equals.
    Stages share one count of epochs; each begins with the weights that the one before ended with, and with a new
    optimiser. One that is unfrozen gradually counts as several. Killed at any point and called again, the training
    begins the interrupted epoch anew and leaves the same history and weights, bit for bit, on the same device with the
    same number of threads and the same PyTorch. Everything is computed in float32.

    Args:
        model: From ``models.build_model``, with its first weights; it is trained in place.
        train_data: The training cells, before any sampling (``balance.sampling``), of two classes or more.
        validation_data: The validation cells, labelled.
        recipe: Its ``stages``, ``augmentation``, ``bag``, ``balance``, ``best_epoch`` and ``test_time`` count here.
        classes: The classes.
        seed: Of the order of the cells, their augmentation, and dropout.
        folder: Where ``checkpoints/``, ``history.csv`` and ``timings.csv`` go.
        device: ``auto``, ``cpu``, ``cuda``.
        resume: Go on from the folder's checkpoint where there is one; if False, one that is there is an error.
        display: Who follows; nobody where None.

    Raises:
        SettingsError: an unknown metric or part, other settings than the folder's training was begun with, or a
            checkpoint that is there without ``resume``.
        DataError: cells without label, training cells of one class alone, an empty part.
        LeukoscopeError: the training diverged, or a checkpoint is damaged.
    """
    place, watched = choose_device(device), display or SilentDisplay()
    keep_freed_memory()
    learn_synergy(model, recipe, seed)
    recipe = with_all_stages(recipe, model)
    course = _course(train_data, validation_data, recipe, classes, seed=seed, device=place)
    metric, settings = course.examination.metric, decisive_settings(recipe, classes, train_data, validation_data, seed)
    keeper = Keeper(folder, settings, computing_on(place), History(metric, metric in SMALLEST_IS_BEST))
    checkpoint = _begin(model.to(place, memory_format=torch.channels_last), keeper, resume=resume)  # type: ignore[call-overload]
    embed_ahead(recipe, model, (train_data, validation_data), place)
    with deterministic(place), _shown(watched, recipe, keeper.history):
        for number, stage in enumerate(recipe.stages, start=1):
            if keeper.history.stage_over(number, stage):
                continue
            if stage.fresh_head and not keeper.history.stage_rows(number):
                renew_head(model, recipe.model, classes, seed=seed, stage=number)
            learner = _begin_stage(model, stage, number, keeper.history, checkpoint)
            taught = on_features(course, learner, watched)
            while not keeper.history.stage_over(number, stage):
                row, timing = _run_epoch(learner, number, taught, keeper.history, watched)
                watched.end_epoch(row, best=keeper.keep(learner, row, timing))
    # Also where no stage was left to train: what is frozen is part of what the network is described by.
    set_trained(model, recipe.stages[-1].train, _batch_norm(model, recipe.stages[-1]))
    return _finish(model, keeper)


def _course(
    train_data: CellData | BagData,
    validation_data: CellData | BagData,
    recipe: Recipe,
    classes: Classes,
    *,
    seed: int,
    device: torch.device,
) -> Course:
    metric = check_metric(recipe.best_epoch.metric, classes)
    _refuse_unlabelled(train_data, "training")
    _refuse_unlabelled(validation_data, "validation")
    augmentation, weights = parse_augmentation(recipe.augmentation), recipe.balance.loss_weights
    if isinstance(train_data, BagData) and isinstance(validation_data, BagData):
        objective = make_objective(weights, train_data.labels, classes, beta=recipe.balance.beta, loss=recipe.loss)
        learnt = PatientLessons(train_data, augmentation, objective, recipe.bag, seed, device)
        return Course(learnt, PatientExamination(validation_data, classes, objective, recipe, metric, device))
    assert isinstance(train_data, CellData), "both parts are of one task"
    assert isinstance(validation_data, CellData), "both parts are of one task"
    cells = sampled(train_data, recipe.balance, seed)
    objective = make_objective(
        weights, labels_seen(cells, recipe.balance), classes, beta=recipe.balance.beta, loss=recipe.loss
    )
    lessons = CellLessons(
        cells,
        augmentation,
        objective,
        seed,
        device,
        even=drawn_evenly(cells, recipe.balance),
        synergic=make_synergic(recipe, seed),
        mixup=recipe.loss.mixup,
    )
    return Course(lessons, CellExamination(validation_data, classes, objective, recipe.test_time, metric, device))


def _run_epoch(learner: Learner, number: int, course: Course, history: History, display: Display) -> tuple[Row, Row]:
    lessons, examination = course.lessons, course.examination
    epoch, started = len(history.rows) + 1, time.monotonic()
    display.begin_epoch(epoch, number, lessons.steps(learner.stage) + examination.steps(learner))
    done = len(history.stage_rows(number))
    learner = replace(learner, falls=history.falls(number, learner.stage.schedule))
    loss = lessons.epoch(learner, epoch=epoch, done=done, display=display)
    trained = time.monotonic()
    found = examination.examine(learner, display)
    row: Row = {"epoch": epoch, "stage": number, "loss": loss}
    row |= {VALIDATION + name: value for name, value in found.items()} | _rates(learner)
    timing = {
        "epoch": epoch,
        "training_seconds": round(trained - started, 3),
        "validation_seconds": round(time.monotonic() - trained, 3),
        "training_cells_per_second": round(lessons.cells(learner.stage) / max(trained - started, 1e-9), 1),
    }
    return row, timing


def _begin(model: Network, keeper: Keeper, *, resume: bool) -> Checkpoint | None:
    if not resume and load_checkpoint(keeper.last) is not None:
        raise SettingsError(
            "This folder already holds a training.",
            where=str(keeper.folder),
            do="Go on with it (resume), or take another folder.",
        )
    checkpoint = keeper.resume()
    if checkpoint is not None:
        load_weights(model, checkpoint.weights)
    return checkpoint


def _begin_stage(
    model: Network, stage: StageSettings, number: int, history: History, checkpoint: Checkpoint | None
) -> Learner:
    set_trained(model, stage.train, _batch_norm(model, stage))
    optimiser = make_optimiser(parameter_groups(model, stage), stage)
    average = None if stage.average_weights is None else WeightAverage(model, stage.average_weights)
    if checkpoint is not None and history.stage_rows(number):
        restore_optimiser(optimiser, checkpoint.optimiser or {}, checkpoint.state["optimiser"])
        if average is not None:
            average.restore(checkpoint.average or {})
    return Learner(model, optimiser, average, stage)


def _batch_norm(model: Network, stage: StageSettings) -> BatchNorm:
    """Return the stage's own, or else what its task does: the few patients of a step make poor statistics."""
    return stage.batch_norm or ("frozen" if isinstance(model, PatientModel) else "train")


def _rates(learner: Learner) -> dict[str, float | None]:
    trained = {group["name"]: group["lr"] for group in learner.optimiser.param_groups}
    return {f"rate_{part}": trained.get(part) for part in learner.model.part_names}


@contextlib.contextmanager
def _shown(display: Display, recipe: Recipe, history: History) -> Iterator[None]:
    display.begin(Plan(sum(stage.epochs for stage in recipe.stages), history.metric, history.rows))
    try:
        yield
    finally:
        display.end()


def _finish(model: Network, keeper: Keeper) -> Trained:
    best = load_checkpoint(keeper.best)
    if best is None:
        raise LeukoscopeError(
            "The weights of the best epoch are gone.", where=str(keeper.best), do="Start the training anew."
        )
    load_weights(model, best.weights)
    forget_synergy(model)
    return Trained(model.eval(), int(best.state["epoch"]), keeper.history.metric, keeper.history.table())


def _refuse_unlabelled(data: CellData | BagData, part: str) -> None:
    what, names = ("patient", data.patients) if isinstance(data, BagData) else ("cell", data.ids)
    if not len(data):
        raise DataError(f"The {part} part has no {what}.", do="Take another split.")
    unknown = np.flatnonzero(data.labels < 0)
    if unknown.size:
        where = f"{'id' if what == 'cell' else what} {names[int(unknown[0])]}"
        raise DataError(f"A {what} of the {part} part has no label.", where=where, more=unknown.size - 1)
