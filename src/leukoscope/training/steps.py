"""One epoch of training on cells, step by step."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from leukoscope.errors import LeukoscopeError
from leukoscope.pictures.augmentation import Augmentation
from leukoscope.pictures.batches import Batch, CellData, batches
from leukoscope.randomness import integer
from leukoscope.recipes.schema import StageSettings
from leukoscope.training.device import as_input
from leukoscope.training.display import Display
from leukoscope.training.learner import Learner
from leukoscope.training.objectives import Objective
from leukoscope.training.optimisers import set_rates


@dataclass(frozen=True)
class CellLessons:
    """Cells to learn from, the same in all stages (``course.Lessons``).

    Args:
        data: The training cells.
        augmentation: Their random changes.
        objective: The loss.
        seed: Of the order, the augmentation and the dropout.
        device: Where to compute.
    """

    data: CellData
    augmentation: Augmentation
    objective: Objective
    seed: int
    device: torch.device

    @property
    def cells(self) -> int:
        """Cells that an epoch sees."""
        return len(self.data)

    def steps(self, stage: StageSettings) -> int:
        """Return the number of steps of an epoch."""
        return steps_of(len(self.data), stage.batch)

    def epoch(self, learner: Learner, *, epoch: int, done: int, display: Display) -> float:
        """Let the network see every cell once, as ``course.Lessons.epoch`` says; the mean is over the cells."""
        steps = self.steps(learner.stage)
        total = seen = 0.0
        learner.model.train()
        with torch.random.fork_rng(devices=[self.device] if self.device.type == "cuda" else []):
            for step, cells in zip(range(steps), _batches(self, learner.stage, epoch), strict=False):
                set_rates(learner.optimiser, learner.stage, done + (step + 0.5) / steps)
                torch.manual_seed(integer(self.seed, "step", epoch, step))
                loss = _step(learner, self, _pixels(cells, self, epoch), torch.from_numpy(cells.labels))
                refuse_divergence(loss, epoch, step)
                total, seen = total + loss * len(cells.labels), seen + len(cells.labels)
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


def _batches(lessons: CellLessons, stage: StageSettings, epoch: int) -> Iterator[Batch]:
    # On a graphics card the changes are made there, on the whole batch at once.
    augmentation = lessons.augmentation if lessons.device.type == "cpu" else None
    return batches(lessons.data, stage.batch, seed=lessons.seed, epoch=epoch, shuffle=True, augmentation=augmentation)


def _pixels(cells: Batch, lessons: CellLessons, epoch: int) -> Tensor:
    pixels = as_input(cells.pixels, lessons.device)
    if lessons.device.type == "cpu":
        return pixels
    drawn = lessons.augmentation.draw(lessons.seed, epoch, [lessons.data.ids[place] for place in cells.index])
    return lessons.augmentation.on_tensors(pixels, drawn)


def _step(learner: Learner, lessons: CellLessons, pixels: Tensor, labels: Tensor) -> float:
    model: nn.Module = learner.model
    loss = lessons.objective(model(pixels), labels.to(lessons.device))
    learner.optimiser.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    learner.optimiser.step()
    if learner.average is not None:
        learner.average.update(learner.model)
    return loss.item()


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
