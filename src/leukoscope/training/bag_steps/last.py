"""The gradient of the last pictures of a shuffled stack alone: Grisi & Schmidt-Mengin's Algorithm 1."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from leukoscope.models.patient_model import PatientModel
from leukoscope.pictures.batches import Integers
from leukoscope.randomness import generator
from leukoscope.recipes.schema import BagSettings
from leukoscope.training.bag_batches import BagBatch, Loss
from leukoscope.training.chunks import even_chunks


def last_step(model: PatientModel, batch: BagBatch, loss_of: Loss, settings: BagSettings) -> float:
    """Add a part of the gradient of a batch's loss to the parameters' (Grisi & Schmidt-Mengin, Algorithm 1).

    The pictures of all patients of the batch are one stack, shuffled; they go through the network in chunks, and only
    the last ``max_backward`` keep their graphs. All instances make the logits and the loss. A backbone's gradient is
    that of a random subset of the pictures, random only because of the shuffle, and smaller than the whole one in
    proportion; aggregator and fusion have theirs whole. With as many as ``max_backward`` pictures or fewer it is the
    gradient of ``whole_step`` (where batch norm is frozen: else a chunk's statistics are those of shuffled pictures).

    Args:
        model: In the mode it is to be trained in.
        batch: The patients; its ``seed`` decides the shuffle.
        loss_of: From their logits to the loss.
        settings: Its ``max_forward`` and ``max_backward`` count here.

    Returns:
        The loss before the step.
    """
    stack = generator(batch.seed, "stack").permutation(batch.bags.rows)
    kept = max(0, len(stack) - settings.max_backward)
    with torch.no_grad():
        first = _instances(model, batch, stack[:kept], settings.max_forward)
    last = _instances(model, batch, stack[kept:], settings.max_forward)
    back = torch.from_numpy(np.argsort(stack)).to(batch.device)
    loss = loss_of(batch.diagnose(model, torch.cat([*first, *last])[back]))
    loss.backward()  # type: ignore[no-untyped-call]
    return loss.item()


def _instances(model: PatientModel, batch: BagBatch, places: Integers, largest: int) -> list[Tensor]:
    return list(batch.instances(model, even_chunks(places, largest)))
