"""Training on patients: bags of cells, one label each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from leukoscope.cohort.classes import Classes
from leukoscope.models.patient_model import PatientModel
from leukoscope.models.probabilities import outputs_of
from leukoscope.pictures.augmentation import Augmentation
from leukoscope.pictures.bags import BagData
from leukoscope.pictures.batches import epoch_order
from leukoscope.randomness import integer
from leukoscope.recipes.schema import BagSettings, Recipe, StageSettings
from leukoscope.training.averaging import evaluated_weights
from leukoscope.training.bag_batches import BagBatch, bag_batch
from leukoscope.training.bag_steps import BAG_STEPS
from leukoscope.training.cell_sources import CellSource, feature_source, pixel_source
from leukoscope.training.display import Display
from leukoscope.training.learner import Learner
from leukoscope.training.objectives import Objective
from leukoscope.training.optimisers import set_rates
from leukoscope.training.patient_scoring import patient_logits, scoring_steps
from leukoscope.training.selection import cell_scores_of, drawn_cells, highest_cells, with_cells
from leukoscope.training.steps import refuse_divergence
from leukoscope.training.validation import measured

__all__ = ["PatientExamination", "PatientLessons", "learn_step", "patient_logits"]


class Seen(NamedTuple):
    """What the network is given of cells in an epoch.

    Args:
        ranked: To rank them by: as they are stored, without random changes.
        learnt: To learn from.
    """

    ranked: CellSource
    learnt: CellSource


@dataclass(frozen=True)
class PatientLessons:
    """Patients to learn from, the same in all stages (``course.Lessons``).

    Args:
        data: The training patients.
        augmentation: Their cells' random changes; of no meaning where the backbone is frozen.
        objective: The loss.
        settings: Which cells of a patient a step sees, whether of their pixels or of features computed once
            (``frozen``), and how it goes through them.
        seed: Of the order, the cells that are seen, the augmentation and the dropout.
        device: Where to compute.
    """

    data: BagData
    augmentation: Augmentation
    objective: Objective
    settings: BagSettings
    seed: int
    device: torch.device

    def cells(self, stage: StageSettings) -> int:  # noqa: ARG002 - all lessons are asked alike
        """Return how many cells an epoch looks at."""
        return int(np.minimum(self.data.sizes, self.settings.cells or self.data.sizes).sum())

    def steps(self, stage: StageSettings) -> int:
        """Return the number of steps of an epoch: ``batch`` patients each, in the last as many as are left."""
        return -(-len(self.data) // stage.batch)

    def epoch(self, learner: Learner, *, epoch: int, done: int, display: Display) -> float:
        """Let the network see every training patient once, as ``course.Lessons.epoch`` says.

        The mean loss is over patients.
        """
        order, size = epoch_order(self.data.patients, self.seed, epoch), learner.stage.batch
        total, seen = 0.0, self.seen(learner.model, epoch)
        learner.model.train()
        with torch.random.fork_rng(devices=[self.device] if self.device.type == "cuda" else []):
            for step in range(self.steps(learner.stage)):
                position = done + (step + 0.5) / self.steps(learner.stage)
                set_rates(learner.optimiser, learner.stage, position, learner.falls)
                torch.manual_seed(integer(self.seed, "step", epoch, step))
                patients = self.data.subset(order[step * size : (step + 1) * size])
                batch = self.batch(learner.model, patients, seen, epoch=epoch, step=step)
                loss = learn_step(learner, batch, self.objective, self.settings)
                refuse_divergence(loss, epoch, step)
                total += loss * len(patients)
                display.step(loss)
        return total / len(self.data)

    def seen(self, model: object, epoch: int) -> Seen:
        """Return what the network is given of cells in an epoch.

        Args:
            model: The network; where the backbone is frozen it is left in evaluation mode.
            epoch: 1 and on.
        """
        assert isinstance(model, PatientModel)
        if self.settings.frozen:
            features = feature_source(model, self.data.cells, self.device)
            return Seen(features, features)
        return Seen(
            pixel_source(self.device), pixel_source(self.device, self.augmentation, seed=self.seed, epoch=epoch)
        )

    def batch(self, model: object, patients: BagData, seen: Seen, *, epoch: int, step: int) -> BagBatch:
        """Return what a step learns from: of each patient all cells, some drawn ones, or the highest ranked of these.

        Args:
            model: The network, which ranks.
            patients: The step's patients.
            seen: What the network is given of cells in this epoch.
            epoch: 1 and on.
            step: Of the epoch.
        """
        assert isinstance(model, PatientModel)
        if self.settings.cells is not None:
            patients = with_cells(patients, drawn_cells(patients, self.settings.cells, seed=self.seed, epoch=epoch))
        if self.settings.select is not None:
            batch = bag_batch(patients, seen.ranked, self.device)
            outputs, largest = outputs_of(self.objective.classes), self.settings.max_forward
            scores = cell_scores_of(model, batch, outputs=outputs, largest=largest)
            patients = with_cells(patients, highest_cells(scores, batch.bags, self.settings.select))
        return bag_batch(patients, seen.learnt, self.device, seed=integer(self.seed, "batch", epoch, step))


def learn_step(learner: Learner, batch: BagBatch, objective: Objective, settings: BagSettings) -> float:
    """Let the network learn from one batch of patients; return the loss before the step.

    Args:
        learner: The network and its optimiser, changed in place.
        batch: The patients.
        objective: The loss.
        settings: Its ``step`` says how the gradient is made.
    """
    assert isinstance(learner.model, PatientModel)

    def loss_of(logits: Tensor) -> Tensor:
        return objective(logits, batch.labels)

    learner.optimiser.zero_grad(set_to_none=True)
    loss = BAG_STEPS[settings.step](learner.model, batch, loss_of, settings)
    learner.optimiser.step()
    if learner.average is not None:
        learner.average.update(learner.model)
    return loss


@dataclass(frozen=True)
class PatientExamination:
    """Patients that a network is examined with after each epoch (``course.Examination``).

    Args:
        data: The validation patients; all their cells are looked at.
        classes: The classes.
        objective: The training's loss, with its class weights.
        recipe: Its ``bag.max_forward``, ``bag.frozen`` and ``test_time`` count here.
        metric: The metric that says which epoch is the best.
        device: Where to compute.
    """

    data: BagData
    classes: Classes
    objective: Objective
    recipe: Recipe
    metric: str
    device: torch.device

    def steps(self, learner: Learner) -> int:  # noqa: ARG002 - the contract
        """Return how many chunks of cells an examination has."""
        return scoring_steps(self.data, batch=self.recipe.bag.max_forward, test_time=self.recipe.test_time)

    def examine(self, learner: Learner, display: Display) -> dict[str, float | None]:
        """Return the validation patients' loss and metrics, as ``course.Examination.examine`` says."""
        assert isinstance(learner.model, PatientModel)
        with evaluated_weights(learner.model, learner.average):
            logits = patient_logits(
                learner.model,
                self.data,
                self.device,
                frozen=self.recipe.bag.frozen,
                batch=self.recipe.bag.max_forward,
                test_time=self.recipe.test_time,
                after_chunk=lambda: display.step(None),
            )
        return measured(logits, self.data.labels, self.classes, self.objective, self.metric)
