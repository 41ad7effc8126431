"""A batch of patients for one step: cells by place, as often as they are asked for."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from leukoscope.models.bags import Bags
from leukoscope.models.patient_model import PatientModel
from leukoscope.pictures.bags import BagData
from leukoscope.pictures.batches import Integers
from leukoscope.training.cell_sources import CellSource
from leukoscope.training.chunks import made_ahead

Loss = Callable[[Tensor], Tensor]
"""From patients' logits, (b, outputs), to a number to be made small."""


@dataclass(frozen=True, eq=False)
class BagBatch:
    """Patients of one step; their cells are made when they are asked for, and may be made again.

    Args:
        inputs: From places, (k,) int64 in the table of all n cells of the batch, to what ``taken_by`` takes of these
            cells, on the device; the same values each time, random changes included.
        bags: Which cells belong to whom; cells of a patient stand together.
        facts: (b, f) float32, encoded; None where there are none.
        labels: (b,) int64.
        device: Where to compute.
        seed: Of what a step draws about the batch as a whole.
        taken_by: From network and inputs to instances, (k, m, w): of pixels, or ``instances_of_features`` where the
            features are known already.
    """

    inputs: Callable[[Integers], Tensor]
    bags: Bags
    facts: Tensor | None
    labels: Tensor
    device: torch.device
    seed: int = 0
    taken_by: Callable[[PatientModel, Tensor], Tensor] = PatientModel.instances

    def instances(self, model: PatientModel, chunks: list[Integers]) -> Iterator[Tensor]:
        """Give the instances of each chunk of cells, (k, m, w), computed when it is asked for."""
        for inputs in made_ahead(chunks, self.inputs):
            yield self.taken_by(model, inputs)

    def diagnose(self, model: PatientModel, instances: Tensor) -> Tensor:
        """Return the patients' logits, (b, outputs), of the instances of all cells, (n, m, w)."""
        return model.diagnose(instances, self.bags, self.facts)


def bag_batch(data: BagData, source: CellSource, device: torch.device, *, seed: int = 0) -> BagBatch:
    """Return a batch of patients whose cells come from a source.

    Args:
        data: The patients, with the cells that are seen.
        source: What the network is given of a cell.
        device: Where to compute.
        seed: Of what a step draws about the batch as a whole.
    """
    bags, labels = Bags(torch.from_numpy(data.sizes).to(device)), torch.from_numpy(data.labels).to(device)
    inputs = functools.partial(source.inputs, data.cells)
    return BagBatch(inputs, bags, facts_of(data, device), labels, device, seed, source.taken_by)


def facts_of(data: BagData, device: torch.device) -> Tensor | None:
    """Return the patients' facts, (b, f) float32, on the device; None where there are none."""
    return None if data.facts is None else torch.from_numpy(data.facts).to(device)
