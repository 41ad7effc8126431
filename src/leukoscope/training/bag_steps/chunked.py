"""The exact gradient of a batch of patients of any size, at the memory of one chunk of cells."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor, nn

from leukoscope.models.cell_model import BATCH_NORMS
from leukoscope.models.patient_model import PatientModel
from leukoscope.pictures.batches import Integers
from leukoscope.recipes.schema import BagSettings
from leukoscope.training.bag_batches import BagBatch, Loss
from leukoscope.training.bag_steps.whole import whole_step
from leukoscope.training.chunks import even_chunks
from leukoscope.training.random_state import RandomState


def chunked_step(model: PatientModel, batch: BagBatch, loss_of: Loss, settings: BagSettings) -> float:
    """Add the gradient of a batch's loss to the parameters', as ``whole_step`` does, with one chunk's graph at a time.

    The loss depends on the backbone through the instances alone. So, by the chain rule:

    1. All instances, chunk by chunk without a graph; where torch's random numbers stood before each chunk is kept.
    2. The patients' loss of them, with a graph that begins at the instances: its gradient for each instance, and for
       the parameters behind them (aggregator, fusion, head where features are aggregated).
    3. Each chunk again, with the same random numbers and a graph, backward from its slice of that gradient.

    Running statistics move in the first pass alone. A chunk takes the same statistics and dropout in both passes, so
    the gradient is that of the whole graph but for rounding. Two forward passes and one backward: about 4/3 of the
    time. What is kept of all cells is their instances and their gradient.

    Args:
        model: In the mode it is to be trained in.
        batch: The patients.
        loss_of: From their logits to the loss.
        settings: Its ``max_forward`` is the size of a chunk.

    Returns:
        The loss before the step.
    """
    chunks = even_chunks(np.arange(batch.bags.rows), settings.max_forward)
    if len(chunks) == 1:
        return whole_step(model, batch, loss_of, settings)
    instances, states = _all_instances(model, batch, chunks)
    instances.requires_grad_()
    loss = loss_of(batch.diagnose(model, instances))
    loss.backward()  # type: ignore[no-untyped-call]
    if instances.grad is not None:
        after = RandomState.now(batch.device)
        _backward(model, batch, chunks, states, instances.grad)
        after.restore()
    return loss.item()


@torch.no_grad()
def _all_instances(model: PatientModel, batch: BagBatch, chunks: list[Integers]) -> tuple[Tensor, list[RandomState]]:
    found, states = [], [RandomState.now(batch.device)]
    for instances in batch.instances(model, chunks):
        found.append(instances)
        states.append(RandomState.now(batch.device))
    return torch.cat(found), states[:-1]


def _backward(
    model: PatientModel, batch: BagBatch, chunks: list[Integers], states: list[RandomState], gradient: Tensor
) -> None:
    slices = torch.split(gradient, [len(chunk) for chunk in chunks])
    again = batch.instances(model, chunks)
    with still_statistics(model):
        for state, part in zip(states, slices, strict=True):
            state.restore()
            found = next(again)
            if not found.requires_grad:
                return  # nothing before the instances is trained
            found.backward(part)  # type: ignore[no-untyped-call]


@contextlib.contextmanager
def still_statistics(model: nn.Module) -> Iterator[None]:
    """Let batch norms in training mode take a chunk's statistics without moving their running ones."""
    moving = [module for module in model.modules() if isinstance(module, BATCH_NORMS) and module.track_running_stats]
    for module in moving:
        module.track_running_stats = not module.training
    try:
        yield
    finally:
        for module in moving:
            module.track_running_stats = True
