"""The validation cells after an epoch: their loss and their metrics."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from leukoscope.cohort.classes import Classes
from leukoscope.errors import DataError, LeukoscopeError
from leukoscope.models.network import cells_of
from leukoscope.models.probabilities import probabilities
from leukoscope.pictures.batches import CellData, batch_places
from leukoscope.recipes.schema import TestTimeSettings
from leukoscope.training.averaging import evaluated_weights
from leukoscope.training.cell_features import FeatureTables
from leukoscope.training.display import Display
from leukoscope.training.learner import Learner
from leukoscope.training.metrics import LOSS, cell_scores
from leukoscope.training.objectives import Objective
from leukoscope.training.scoring import predict_store

SMALLEST_BATCH = 16


@dataclass(frozen=True)
class CellExamination:
    """Cells that a network is examined with after each epoch (``course.Examination``).

    Args:
        data: The validation cells.
        classes: The classes.
        objective: The training's loss, with its class weights.
        test_time: The views of a cell: as in later use.
        metric: The metric that says which epoch is the best.
        device: Where to compute.
        features: The mean over a cell's views of what the head is given, where nothing else learns; None: pixels go
            through the whole network.
    """

    data: CellData
    classes: Classes
    objective: Objective
    test_time: TestTimeSettings
    metric: str
    device: torch.device
    features: FeatureTables | None = None

    def steps(self, learner: Learner) -> int:
        """Return how many batches an examination has."""
        return -(-len(self.data) // examination_batch(learner))

    def examine(self, learner: Learner, display: Display) -> dict[str, float | None]:
        """Return the validation cells' loss and metrics, as ``course.Examination.examine`` says."""
        with evaluated_weights(learner.model, learner.average):
            logits = self._logits(learner, display)
        return measured(logits, self.data.labels, self.classes, self.objective, self.metric)

    def _logits(self, learner: Learner, display: Display) -> np.ndarray:
        if self.features is not None:
            return self._by_features(learner, self.features, display)
        return predict_store(
            learner.model,
            self.data,
            self.classes,
            batch=examination_batch(learner),
            device=self.device,
            test_time=self.test_time,
            after_batch=lambda: display.step(None),
        )

    def _by_features(self, learner: Learner, tables: FeatureTables, display: Display) -> np.ndarray:
        head, found = cells_of(learner.model.eval()).head, []
        with torch.inference_mode():
            for places in batch_places(self.data, examination_batch(learner)):
                features = torch.from_numpy(tables.of(self.data, places)[:, 0])
                found.append(head(features.to(self.device)).cpu().numpy())
                display.step(None)
        return np.concatenate(found)


def examination_batch(learner: Learner) -> int:
    """Return the cells a batch in validation: what fits into memory in training fits here, too."""
    return max(learner.stage.batch, SMALLEST_BATCH)


def measured(
    logits: np.ndarray, labels: np.ndarray, classes: Classes, objective: Objective, metric: str
) -> dict[str, float | None]:
    """Return loss and metrics of logits.

    Args:
        logits: (n, outputs) float32, of cells or of patients.
        labels: (n,) int64, places in ``classes``.
        classes: The classes.
        objective: The training's loss.
        metric: The metric that must be defined.

    Raises:
        LeukoscopeError: a logit is no number.
        DataError: the metric is not defined.
    """
    if not np.isfinite(logits).all():
        raise LeukoscopeError(
            "The network no longer gives numbers for the validation part: the training has diverged.",
            do="Lower the learning rates (stages: rates), or let them rise slowly (stages: schedule.warmup).",
        )
    said = torch.from_numpy(logits)
    loss = objective(said, torch.from_numpy(labels)).item()
    found = {LOSS: loss, **cell_scores(labels, probabilities(said.double(), classes).numpy(), classes)}
    if found[metric] is None:
        raise DataError(
            f"The metric {metric!r} is not defined on the validation part.",
            where="best_epoch.metric",
            do="Choose another, or see that the validation part has something of every class.",
        )
    return found
