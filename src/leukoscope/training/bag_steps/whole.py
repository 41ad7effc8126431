"""The gradient of a batch of patients with the whole graph in memory: the reference."""

from __future__ import annotations

import numpy as np
import torch

from leukoscope.models.patient_model import PatientModel
from leukoscope.recipes.schema import BagSettings
from leukoscope.training.bag_batches import BagBatch, Loss
from leukoscope.training.chunks import even_chunks


def whole_step(model: PatientModel, batch: BagBatch, loss_of: Loss, settings: BagSettings) -> float:
    """Add the gradient of a batch's loss to the parameters'; the graphs of all cells are kept till then.

    Cells go through the network in chunks of ``max_forward``, as in ``chunked_step``, so that both take the same
    statistics and draw the same dropout. The memory grows with the number of cells: of 112 px about 5 MB each in a
    ResNet-18 cut after its third stage.

    Args:
        model: In the mode it is to be trained in.
        batch: The patients.
        loss_of: From their logits to the loss.
        settings: Its ``max_forward`` counts here.

    Returns:
        The loss before the step.
    """
    chunks = even_chunks(np.arange(batch.bags.rows), settings.max_forward)
    loss = loss_of(batch.diagnose(model, torch.cat(list(batch.instances(model, chunks)))))
    loss.backward()  # type: ignore[no-untyped-call]
    return loss.item()
