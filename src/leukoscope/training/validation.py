"""The validation part after an epoch: its loss and its metrics."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from leukoscope.cohort.classes import Classes
from leukoscope.errors import DataError, LeukoscopeError
from leukoscope.models.probabilities import probabilities
from leukoscope.pictures.batches import CellData
from leukoscope.recipes.schema import TestTimeSettings
from leukoscope.training.averaging import evaluated_weights
from leukoscope.training.display import Display
from leukoscope.training.metrics import LOSS, cell_scores
from leukoscope.training.objectives import Objective
from leukoscope.training.scoring import predict_store
from leukoscope.training.steps import Learner

SMALLEST_BATCH = 16


@dataclass(frozen=True)
class Examination:
    """What a network is examined with after each epoch.

    Args:
        data: The validation cells.
        classes: The classes.
        objective: The training's loss, with its class weights.
        test_time: The views of a cell: as in later use.
        metric: The metric that says which epoch is the best.
        device: Where to compute.
    """

    data: CellData
    classes: Classes
    objective: Objective
    test_time: TestTimeSettings
    metric: str
    device: torch.device


def examine(learner: Learner, examination: Examination, display: Display) -> dict[str, float | None]:
    """Return the validation part's loss and metrics, of the averaged weights where there are such.

    Args:
        learner: The network after an epoch; its weights stay as they are.
        examination: The cells and all else.
        display: Told of each batch.

    Returns:
        ``loss`` and each metric; None for one that is not defined.

    Raises:
        LeukoscopeError: the network gives no numbers any more.
        DataError: the metric that says which epoch is the best is not defined on these cells.
    """
    with evaluated_weights(learner.model, learner.average):
        logits = predict_store(
            learner.model,
            examination.data,
            examination.classes,
            batch=examination_batch(learner),
            device=examination.device,
            test_time=examination.test_time,
            after_batch=lambda: display.step(None),
        )
    found = _measured(logits, examination)
    if found[examination.metric] is None:
        raise DataError(
            f"The metric {examination.metric!r} is not defined on the validation part.",
            where="best_epoch.metric",
            do="Choose another, or see that the validation part has cells of every class.",
        )
    return found


def examination_batch(learner: Learner) -> int:
    """Return the cells a batch in validation: what fits into memory in training fits here, too."""
    return max(learner.stage.batch, SMALLEST_BATCH)


def _measured(logits: np.ndarray, examination: Examination) -> dict[str, float | None]:
    if not np.isfinite(logits).all():
        raise LeukoscopeError(
            "The network no longer gives numbers for the validation part: the training has diverged.",
            do="Lower the learning rates (stages: rates), or let them rise slowly (stages: schedule.warmup).",
        )
    said, labels = torch.from_numpy(logits), examination.data.labels
    loss = examination.objective(said, torch.from_numpy(labels)).item()
    shares = probabilities(said.double(), examination.classes).numpy()
    return {LOSS: loss, **cell_scores(labels, shares, examination.classes)}
