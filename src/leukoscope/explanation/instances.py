"""A patient's instances, one patient after the other: what every explanation starts from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from leukoscope.models.bags import Bags
from leukoscope.models.patient_model import PatientModel
from leukoscope.pictures.bags import BagData
from leukoscope.training.cell_sources import CellSource, pixel_source
from leukoscope.training.device import as_input


@dataclass(frozen=True, eq=False)
class PatientInstances:
    """One patient as the aggregator sees it.

    Args:
        place: The patient's place in the ``BagData``.
        instances: (n, m, w) float32, as ``PatientModel.instances`` gives them: m instances of each of n cells.
        facts: (1, f) float32, encoded; None where there are none.
    """

    place: int
    instances: Tensor
    facts: Tensor | None

    @property
    def bags(self) -> Bags:
        """All cells as one bag."""
        return Bags(torch.tensor([len(self.instances)], device=self.instances.device))


def each_patient(
    model: PatientModel,
    data: BagData,
    device: torch.device,
    *,
    batch: int = 64,
    source: CellSource | None = None,
) -> Iterator[PatientInstances]:
    """Give the patients one by one; never more than one patient's instances and one chunk's activations are held.

    A patient's logit does not depend on who else is looked at (statistics are the trained ones), so that one by one is
    the same as all together.

    Args:
        model: The network; it is left in evaluation mode on ``device``.
        data: The patients.
        device: Where to compute.
        batch: Cells at a time in the backbone.
        source: What the network is given of a cell: its features, where these are known; its pixels where None.

    Yields:
        The patients in the order of ``data``.
    """
    model.to(device, memory_format=torch.channels_last).eval()  # type: ignore[call-overload]
    source = source or pixel_source(device)
    for place in range(len(data)):
        cells = data.cells_of(place)
        chunks = [cells[start : start + batch] for start in range(0, len(cells), batch)]
        with torch.no_grad():
            made = [source.taken_by(model, source.inputs(data.cells, chunk)) for chunk in chunks]
        facts = None if data.facts is None else torch.from_numpy(data.facts[place : place + 1]).to(device)
        yield PatientInstances(place, torch.cat(made), facts)


def grid_of(model: PatientModel, data: BagData, device: torch.device) -> tuple[int, int]:
    """Return rows and columns of a cell's map: the feature map's, or (1, 1) where a cell is one instance.

    Args:
        model: The network, in evaluation mode on ``device``.
        data: The patients; the first cell is looked at.
        device: Where the network is.
    """
    if model.instances_of == "cells":
        return 1, 1
    with torch.no_grad():
        maps = model.cells.features(as_input(data.cells.store.batch(data.cells.rows[:1]), device))
    return int(maps.shape[2]), int(maps.shape[3])
