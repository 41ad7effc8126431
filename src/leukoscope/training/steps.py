"""One epoch of training on cells, step by step."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from leukoscope.errors import LeukoscopeError
from leukoscope.models.cell_model import CellModel
from leukoscope.models.network import cells_of
from leukoscope.models.stages import HEAD
from leukoscope.pictures.augmentation import Augmentation
from leukoscope.pictures.augmentation.tensors import change_tensors
from leukoscope.pictures.batches import Batch, CellData, batch_places, batches
from leukoscope.randomness import integer
from leukoscope.recipes.schema import StageSettings
from leukoscope.training.cell_features import FeatureTables
from leukoscope.training.device import as_input
from leukoscope.training.display import Display
from leukoscope.training.learner import Learner
from leukoscope.training.mixup import mix
from leukoscope.training.objectives import Objective
from leukoscope.training.optimisers import set_rates
from leukoscope.training.sampling import EVEN, even_epoch
from leukoscope.training.synergic import SynergicLoss


@dataclass(frozen=True)
class CellLessons:
    """Cells to learn from, the same in all stages (``course.Lessons``).

    Args:
        data: The training cells.
        augmentation: Their random changes; changed copies among them (``CellData.copies``) have their own.
        objective: The loss.
        seed: Of the order, the augmentation and the dropout.
        device: Where to compute.
        features: What the head is given of each cell instead of its pixels, where nothing else learns and nothing is
            changed at random; None: pixels go through the whole network.
        even: How many cells an epoch has whose batches are drawn evenly from the classes (``sampling.drawn_evenly``);
            None: it has all cells once.
        synergic: The loss that is added where branches of a joint model are compared; None for none.
        mixup: How cells are mixed with each other (``mixup.mix``); 0: not at all.
    """

    data: CellData
    augmentation: Augmentation
    objective: Objective
    seed: int
    device: torch.device
    features: FeatureTables | None = None
    even: int | None = None
    synergic: SynergicLoss | None = None
    mixup: float = 0.0

    def cells(self, stage: StageSettings) -> int:
        """Return how many cells an epoch sees."""
        return self.even_in(stage) or len(self.data)

    def steps(self, stage: StageSettings) -> int:
        """Return the number of steps of an epoch."""
        return steps_of(self.cells(stage), stage.batch)

    def even_in(self, stage: StageSettings) -> int | None:
        """Return what ``even`` is in a stage, which may draw its batches evenly by itself.

        Args:
            stage: The stage; its ``sampling`` counts here.

        Returns:
            How many cells an epoch draws evenly from the classes; None where it has all once.
        """
        return len(self.data) if stage.sampling == EVEN else self.even

    def epoch(self, learner: Learner, *, epoch: int, done: int, display: Display) -> float:
        """Let the network see every cell once, or the classes evenly, as ``course.Lessons.epoch`` says.

        The mean loss is over the cells.
        """
        steps = self.steps(learner.stage)
        total = seen = 0.0
        learner.model.train()
        with torch.random.fork_rng(devices=[self.device] if self.device.type == "cuda" else []):
            for step, (given, labels) in zip(range(steps), _given(self, learner.stage, epoch), strict=False):
                set_rates(learner.optimiser, learner.stage, done + (step + 0.5) / steps, learner.falls)
                torch.manual_seed(integer(self.seed, "step", epoch, step))
                loss = _step(learner, self, given, labels, at=(epoch, step))
                refuse_divergence(loss, epoch, step)
                total, seen = total + loss * len(labels), seen + len(labels)
                display.step(loss)
        return total / seen


def steps_of(cells: int, batch: int) -> int:
    """Return the number of steps of an epoch.

    A last batch of a single cell is left out: batch norm cannot take statistics of one value. The order changes with
    each epoch, and with it the cell that is left out.

    Args:
        cells: Training cells.
        batch: Cells a step.

    Example:
        >>> steps_of(64, 32), steps_of(65, 32), steps_of(66, 32), steps_of(3, 1)
        (2, 2, 3, 3)
    """
    lone = batch > 1 and cells > 1 and cells % batch == 1
    return math.ceil(cells / batch) - int(lone)


def _given(lessons: CellLessons, stage: StageSettings, epoch: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Give, batch by batch, what the network (or its head, where there are features) is given, and the labels."""
    # What is drawn evenly comes in its order; else each epoch shuffles the same cells.
    even = lessons.even_in(stage)
    data = lessons.data if even is None else even_epoch(lessons.data, lessons.seed, epoch, even)
    shuffle, tables, device = even is None, lessons.features, lessons.device
    if tables is not None:
        for places in batch_places(data, stage.batch, seed=lessons.seed, epoch=epoch, shuffle=shuffle):
            features = torch.from_numpy(tables.of(data, places)[:, 0])
            yield features.to(device), torch.from_numpy(data.labels[places]).to(device)
        return
    # On a graphics card the changes are made there, on the whole batch at once.
    changes = lessons.augmentation if device.type == "cpu" else None
    for cells in batches(data, stage.batch, seed=lessons.seed, epoch=epoch, shuffle=shuffle, augmentation=changes):
        yield _pixels(cells, data, lessons, epoch), torch.from_numpy(cells.labels).to(device)


def _pixels(cells: Batch, data: CellData, lessons: CellLessons, epoch: int) -> Tensor:
    pixels = as_input(cells.pixels, lessons.device)
    if lessons.device.type == "cpu":
        return pixels
    for places, drawn in data.draw(cells.index, lessons.augmentation, seed=lessons.seed, epoch=epoch):
        chosen = torch.from_numpy(places).to(pixels.device)
        pixels[chosen] = change_tensors(pixels[chosen], drawn)
    return pixels


def _step(learner: Learner, lessons: CellLessons, given: Tensor, labels: Tensor, *, at: tuple[int, int]) -> float:
    whole = lessons.features is None
    loss = _loss(cells_of(learner.model), lessons, given, labels, at)
    learner.optimiser.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    learner.optimiser.step()
    if learner.average is not None:
        learning: nn.Module = learner.model if whole else cells_of(learner.model).head
        learner.average.update(learning, "" if whole else f"{HEAD}.")
    return loss.item()


def _loss(model: CellModel, lessons: CellLessons, given: Tensor, labels: Tensor, at: tuple[int, int]) -> Tensor:
    """Return the loss of a batch of epoch and step, of pixels or of features that were computed once."""
    whole, (epoch, step) = lessons.features is None, at
    if lessons.mixup:
        mixed = mix(given, lessons.mixup, seed=lessons.seed, epoch=epoch, step=step)
        logits, own = model(mixed.given), mixed.share
        others = lessons.objective(logits, labels[mixed.partners])
        return own * lessons.objective(logits, labels) + (1 - own) * others
    if lessons.synergic is None:
        return lessons.objective(model(given) if whole else model.head(given), labels)
    features = model.embed(given) if whole else given
    compared = lessons.synergic(model, features, labels, epoch=epoch, step=step)
    return lessons.objective(model.head(features), labels) + compared


def refuse_divergence(loss: float, epoch: int, step: int) -> None:
    """Refuse to go on with a loss that is no number.

    Raises:
        LeukoscopeError: it is none.
    """
    if not math.isfinite(loss):
        raise LeukoscopeError(
            f"The training loss is no longer a number ({loss}): the training has diverged.",
            where=f"epoch {epoch}, step {step + 1}",
            do="Lower the learning rates (stages: rates), or let them rise slowly (stages: schedule.warmup).",
        )
