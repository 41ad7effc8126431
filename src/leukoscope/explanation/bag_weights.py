"""How the logits of a bag are spread, and what ``bn_sigmoid`` makes them weigh."""

from __future__ import annotations

import numpy as np
import polars as pl
import torch

from leukoscope.evaluation.units import Floats
from leukoscope.explanation.instances import PatientInstances, each_patient
from leukoscope.models.aggregators.bn_sigmoid import BnSigmoid
from leukoscope.models.patient_model import PatientModel
from leukoscope.pictures.bags import BagData
from leukoscope.training.cell_sources import CellSource

BINS = 40
COLUMNS: dict[str, pl.DataType] = {
    "patient": pl.String(),
    "label": pl.String(),
    "low": pl.Float64(),
    "high": pl.Float64(),
    "share": pl.Float64(),
    "weight": pl.Float64(),
}


def has_bag_weights(model: PatientModel) -> bool:
    """Return whether a network aggregates logits by ``bn_sigmoid``: only then is there a sigmoid to show."""
    return isinstance(model.aggregator, BnSigmoid) and model.order == "logits"


def bag_weights(
    model: PatientModel,
    data: BagData,
    device: torch.device,
    labels: list[str | None],
    *,
    batch: int = 64,
    source: CellSource | None = None,
) -> pl.DataFrame:
    """Return the distribution of patients' normalised logits with the sigmoid weight over it.

    The normalised logits are those of Grisi & Schmidt-Mengin's batch-norm in evaluation mode, the weight is
    sigmoid(beta + gamma x) in the middle of each bin. All patients have the same 40 bins.

    Args:
        model: A network that ``has_bag_weights``; its first output is shown.
        data: The patients to show.
        device: Where to compute.
        labels: The class of each patient; None where it is unknown.
        batch: Cells at a time in the backbone.
        source: As in ``instances.each_patient``.

    Returns:
        A row a patient and bin: ``patient``, ``label``, ``low`` and ``high`` (of the bin), ``share`` (of the patient's
        instances, 0 to 1), ``weight`` (0 to 1).
    """
    aggregator = model.aggregator
    assert isinstance(aggregator, BnSigmoid), "asked before"
    normalised = [
        _normalised(aggregator, patient) for patient in each_patient(model, data, device, batch=batch, source=source)
    ]
    edges = _edges(normalised)
    middle = torch.from_numpy((edges[:-1] + edges[1:]) / 2).float()
    with torch.no_grad():
        weight = torch.sigmoid(aggregator.beta[0].cpu() + aggregator.gamma[0].cpu() * middle).double().numpy()
    rows = {"low": edges[:-1], "high": edges[1:], "weight": weight}
    tables = [
        pl.DataFrame(rows).with_columns(
            pl.lit(name, pl.String).alias("patient"),
            pl.lit(label, pl.String).alias("label"),
            pl.Series("share", np.histogram(values, edges)[0] / len(values)),
        )
        for name, label, values in zip(data.patients, labels, normalised, strict=True)
    ]
    return pl.concat([pl.DataFrame(schema=COLUMNS), *(table.select(*COLUMNS) for table in tables)])


def _normalised(aggregator: BnSigmoid, patient: PatientInstances) -> Floats:
    with torch.no_grad():
        found: Floats = aggregator.normalised(patient.instances.flatten(0, 1))[:, 0].double().cpu().numpy()
    return found


def _edges(normalised: list[Floats]) -> Floats:
    values = np.concatenate([np.zeros(0), *normalised])
    low, high = (float(values.min()), float(values.max())) if len(values) else (0.0, 0.0)
    room = max(high - low, 1.0) * 1e-6
    edges: Floats = np.linspace(low - room, high + room, BINS + 1)
    return edges
