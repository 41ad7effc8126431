"""Which of a patient's cells a step learns from: a random few, or those that the network ranks highest."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from leukoscope.errors import SettingsError
from leukoscope.models.bags import Bags
from leukoscope.models.patient_model import PatientModel
from leukoscope.pictures.bags import BagData
from leukoscope.pictures.batches import Integers
from leukoscope.randomness import generator
from leukoscope.training.bag_batches import BagBatch
from leukoscope.training.chunks import even_chunks


def drawn_cells(data: BagData, number: int, *, seed: int, epoch: int) -> list[Integers]:
    """Draw some cells of each patient, without repeats, from (seed, epoch, patient).

    Args:
        data: The patients.
        number: Cells of a patient; who has fewer keeps all.
        seed: The run's.
        epoch: 1 and on.

    Returns:
        For each patient the places of the cells in ``data.cells``, (at most ``number``,) int64, ascending.
    """
    found = []
    for patient, name in enumerate(data.patients):
        own = data.cells_of(patient)
        if len(own) > number:
            own = np.sort(generator(seed, "cells of a patient", epoch, name).choice(own, number, replace=False))
        found.append(own)
    return found


def highest_cells(scores: Tensor, bags: Bags, number: int) -> list[Integers]:
    """Return the places of each bag's cells of highest score.

    Args:
        scores: (n,), one a cell.
        bags: Which cells belong to whom.
        number: Cells of a bag; one that has fewer keeps all.

    Returns:
        For each bag the places, (at most ``number``,) int64, ascending; of equal scores the first.
    """
    found, values = [], scores.cpu().numpy()
    for start, size in zip(bags.starts.tolist(), bags.sizes.tolist(), strict=True):
        ranked = np.argsort(-values[start : start + size], kind="stable")
        found.append(start + np.sort(ranked[:number]))
    return found


def cell_scores_of(model: PatientModel, batch: BagBatch, *, outputs: int, largest: int) -> Tensor:
    """Return each cell's logit by what the network says now: the mean over its instances.

    For two classes it is the positive class's logit (theirs: rank by it, learn on the highest, whatever the patient's
    label); for more, that of the patient's own class. It is computed in evaluation mode and without a graph; the
    network is left in the mode it was in, and torch's random numbers where they were.

    Args:
        model: The network.
        batch: The patients.
        outputs: The network's number of logits.
        largest: Cells at a time.

    Returns:
        (n,), on the device.

    Raises:
        SettingsError: features are aggregated and then fused with facts, or made more columns, so that no cell has a
            logit of its own.
    """
    if model.order == "features" and (model.fusion is not None or model.aggregator.width(1) > 1):
        raise SettingsError(
            "Cells can't be ranked: the linear map stands behind more than a cell's features, so no cell has a logit.",
            where="bag.select",
            do="Set bag.order to logits, or leave bag.select out.",
        )
    training = model.training
    model.eval()
    with torch.no_grad():
        chunks = even_chunks(np.arange(batch.bags.rows), largest)
        logits = torch.cat([_logits(model, found, outputs).mean(dim=1) for found in batch.instances(model, chunks)])
    model.train(training)
    return logits[:, 0] if outputs == 1 else logits.gather(1, batch.labels[batch.bags.index].unsqueeze(1))[:, 0]


def _logits(model: PatientModel, instances: Tensor, outputs: int) -> Tensor:
    """Return the logits of instances, (k, m, w) to (k, m, outputs)."""
    if model.order == "logits":
        return instances[..., :outputs]
    values = instances[..., : instances.shape[2] - model.aggregator.projected]
    logits: Tensor = model.cells.head(values.flatten(0, 1))
    return logits.view(*values.shape[:2], -1)


def with_cells(data: BagData, chosen: list[Integers]) -> BagData:
    """Return the same patients with these of their cells.

    Args:
        data: The patients.
        chosen: For each patient the places of one cell or more in ``data.cells``.
    """
    sizes = np.array([len(places) for places in chosen], dtype=np.int64)
    cells = data.cells.subset(np.concatenate(chosen))
    return BagData(cells, sizes, data.patients, data.labels, data.facts)
