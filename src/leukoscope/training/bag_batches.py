"""A batch of patients for one step: cells by place, as often as they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from leukoscope.models.bags import Bags
from leukoscope.models.patient_model import PatientModel
from leukoscope.pictures.augmentation import Augmentation
from leukoscope.pictures.bags import BagData
from leukoscope.pictures.batches import Integers
from leukoscope.randomness import integer
from leukoscope.training.chunks import made_ahead
from leukoscope.training.device import as_input

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


def pixel_batch(
    data: BagData, augmentation: Augmentation, *, seed: int, epoch: int, step: int, device: torch.device
) -> BagBatch:
    """Return a batch of stored cells with the random changes of an epoch.

    A cell's changes are drawn from (seed, epoch, id): neither the chunk it is in nor how often it is made matters.

    Args:
        data: The patients, with the cells that are seen.
        augmentation: The random changes.
        seed: The run's.
        epoch: 1 and on.
        step: Of the epoch.
        device: Where to compute; the changes are made there.
    """

    def pixels(places: Integers) -> Tensor:
        stored = data.cells.store.batch(data.cells.rows[places])
        drawn = augmentation.draw(seed, epoch, [data.cells.ids[place] for place in places])
        if device.type == "cpu":
            return as_input(augmentation.on_arrays(stored, drawn), device)
        return augmentation.on_tensors(as_input(stored, device), drawn)

    bags, labels = Bags(torch.from_numpy(data.sizes).to(device)), torch.from_numpy(data.labels).to(device)
    drawn_for_step = integer(seed, "batch", epoch, step)
    return BagBatch(pixels, bags, facts_of(data, device), labels, device, drawn_for_step)


def facts_of(data: BagData, device: torch.device) -> Tensor | None:
    """Return the patients' facts, (b, f) float32, on the device; None where there are none."""
    return None if data.facts is None else torch.from_numpy(data.facts).to(device)
