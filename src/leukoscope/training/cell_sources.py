"""What a network is given of stored cells: their pixels, or features that were computed once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from leukoscope.models.patient_model import PatientModel
from leukoscope.pictures.augmentation import Augmentation
from leukoscope.pictures.batches import CellData, Integers
from leukoscope.progress import progress
from leukoscope.training.cell_features import missing_cells, stored_features
from leukoscope.training.device import as_input

UNCHANGED = Augmentation()


@dataclass(frozen=True, eq=False)
class CellSource:
    """What a network is given of any stored cell. Neither steps nor scoring know which kind it is.

    Args:
        inputs: From n cells and the places of k of them, (k,) int64, to what ``taken_by`` takes of these, on the
            device; the same values each time, random changes included. It draws nothing from torch's generators.
        taken_by: From network and inputs to instances, (k, m, w).
    """

    inputs: Callable[[CellData, Integers], Tensor]
    taken_by: Callable[[PatientModel, Tensor], Tensor]


def pixel_source(
    device: torch.device, augmentation: Augmentation = UNCHANGED, *, seed: int = 0, epoch: int = 0
) -> CellSource:
    """Return the source of cells' pixels, (k, 3, h, w) float32 in 0 to 1, with the random changes of an epoch.

    A cell's changes are drawn from (seed, epoch, id): neither the chunk it is in nor how often it is made matters.

    Args:
        device: Where to compute; the changes are made there.
        augmentation: The random changes.
        seed: The run's.
        epoch: 1 and on.
    """

    def pixels(cells: CellData, places: Integers) -> Tensor:
        stored = cells.pixels(places)
        if not augmentation.steps:
            return as_input(stored, device)
        drawn = augmentation.draw(seed, epoch, [cells.ids[place] for place in places])
        if device.type == "cpu":
            return as_input(augmentation.on_arrays(stored, drawn), device)
        return augmentation.on_tensors(as_input(stored, device), drawn)

    return CellSource(pixels, lambda model, inputs: model.instances(inputs))


def feature_source(model: PatientModel, cells: CellData, device: torch.device) -> CellSource:
    """Return the source of cells' features, (k, m, d) float32; those that are not known yet are computed now.

    Features stay in the file that keeps them, and are read as they are asked for.

    Args:
        model: The network whose backbone made them, moved to ``device``; left in evaluation mode.
        cells: The cells that will be asked for, or more.
        device: Where to compute, and where the features go.
    """
    with progress("Embedding cells", missing_cells(model, cells)) as advance:
        tables = stored_features(model, cells, device=device, after_batch=advance)

    def features(cells: CellData, places: Integers) -> Tensor:
        return torch.from_numpy(tables.of(cells, places)).to(device)

    return CellSource(features, lambda model, inputs: model.instances_of_features(inputs))
