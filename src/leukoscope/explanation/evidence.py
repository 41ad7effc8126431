"""The evidence of patients: what each pixel and each cell adds to the patient's logit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl
import torch

from leukoscope.errors import DataError
from leukoscope.evaluation.units import Floats
from leukoscope.explanation.contributions import Contributions, contributions, instance_logits
from leukoscope.explanation.instances import PatientInstances, each_patient, grid_of
from leukoscope.explanation.interval import REPLICATES, bounds, resampled_logits
from leukoscope.models.patient_model import PatientModel
from leukoscope.pictures.bags import BagData
from leukoscope.training.cell_sources import CellSource

SHOWN = 24
FEWEST_CELLS = 2

Maps = npt.NDArray[np.float32]
# From a patient's place, logits of the pictures, (r, outputs), and the output explained to probabilities, (r,).
Probability = Callable[[int, Floats, int], Floats]

CELLS: dict[str, pl.DataType] = {
    "patient": pl.String(),
    "id": pl.String(),
    "evidence": pl.Float64(),
    "rank": pl.Int64(),
    "share": pl.Float64(),
    "mean_logit": pl.Float64(),
}
PATIENTS: dict[str, pl.DataType] = {
    "patient": pl.String(),
    "cells": pl.Int64(),
    "output": pl.Int64(),
    "logit": pl.Float64(),
    "evidence": pl.Float64(),
    "sums": pl.Boolean(),
    "low": pl.Float64(),
    "high": pl.Float64(),
}


@dataclass(frozen=True, eq=False)
class Evidence:
    """What the cells of patients add to their patients' logits.

    Args:
        cells: A row a cell, the patients one after the other: ``patient``, ``id``, ``evidence`` (the sum over its
            instances, in logit units; above 0 speaks for the class), ``rank`` (1 speaks most for it), ``share`` (of
            the patient's evidence either way, 0 to 1), ``mean_logit`` (of its instances; null where they have none).
        patients: A row a patient: ``patient``, ``cells``, ``output`` (which logit is explained), ``logit``,
            ``evidence`` (the sum over the cells), ``sums`` (whether that is the logit), ``low`` and ``high`` (of the
            probability, over draws of cells; null for a patient of one cell).
        shown: Ids of the k cells that have maps: of each patient those that speak most for and most against.
        maps: (k, h', w') float32, evidence of each place of the feature map, in logit units.
        logit_maps: (k, h', w') float32, each place's own logit; None where places have none.
    """

    cells: pl.DataFrame
    patients: pl.DataFrame
    shown: list[str]
    maps: Maps
    logit_maps: Maps | None


@dataclass(frozen=True, eq=False)
class _One:
    """The evidence of one patient, before it is joined with the others'."""

    cells: pl.DataFrame
    output: int
    patient: dict[str, object]
    shown: list[str]
    maps: Maps
    logits: Maps | None


def evidence_of(
    model: PatientModel,
    data: BagData,
    device: torch.device,
    *,
    batch: int = 64,
    source: CellSource | None = None,
    shown: int = SHOWN,
    replicates: int = REPLICATES,
    seed: int = 0,
    probability: Probability | None = None,
) -> Evidence:
    """Return what each cell, and of the strongest each pixel, adds to the patient's logit.

    For two classes the positive class's logit is explained, for more that of the class which is the highest for the
    patient. See ``contributions`` for what evidence is, and where it does not sum.

    Args:
        model: The network.
        data: The patients.
        device: Where to compute.
        batch: Cells at a time in the backbone: peak memory is one chunk's activations and one patient's instances.
        source: As in ``instances.each_patient``.
        shown: So many cells a patient for, and so many against, get maps.
        replicates: Draws of cells for the interval; 0 for none.
        seed: Of these draws.
        probability: What makes a probability of the pictures' logits (facts and calibration included); the logistic
            function, or softmax, where not given.

    Raises:
        DataError: a patient's logit, or a cell's evidence, is no number.
    """
    ones = []
    grid: tuple[int, int] | None = None
    for patient in each_patient(model, data, device, batch=batch, source=source):
        grid = grid or grid_of(model, data, device)
        one = _one(model, data, patient, grid, shown)
        logits = _resampled(model, patient, data.patients[patient.place], replicates, seed)
        low, high = _interval(one, patient.place, logits, probability or plain_probability)
        one.patient.update(low=low, high=high)
        ones.append(one)
    return _joined(ones, grid or (1, 1))


def plain_probability(place: int, logits: Floats, output: int) -> Floats:  # noqa: ARG001 - the contract
    """Return the probabilities of one class, (r,), of logits, (r, outputs): logistic function or softmax."""
    if logits.shape[1] == 1:
        found: Floats = 1 / (1 + np.exp(-np.clip(logits[:, 0], -700, 700)))
        return found
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares: Floats = raised[:, output] / raised.sum(axis=1)
    return shares


def _one(model: PatientModel, data: BagData, patient: PatientInstances, grid: tuple[int, int], shown: int) -> _One:
    name = data.patients[patient.place]
    with torch.no_grad():
        logits = model.diagnose(patient.instances, patient.bags, patient.facts)[0]
    if not bool(torch.isfinite(logits).all()):
        raise DataError("The network gives this patient a logit that is no number.", where=f"patient {name}")
    output = int(logits.argmax()) if len(logits) > 1 else 0
    found, own = contributions(model, patient, output), instance_logits(model, patient, output)
    if not bool(torch.isfinite(found.values).all()):
        raise DataError("The evidence of a cell of this patient is no number.", where=f"patient {name}")
    ids = [data.cells.ids[place] for place in data.cells_of(patient.place)]
    cells = _cells(name, ids, found, None if own is None else own.double().mean(dim=1).cpu().numpy())
    chosen = strongest(cells["evidence"].to_numpy(), shown)
    return _One(
        cells,
        output,
        {
            "patient": name,
            "cells": len(ids),
            "output": output,
            "logit": found.logit,
            "evidence": float(found.values.sum()),
            "sums": found.sums,
        },
        [ids[place] for place in chosen],
        _maps(found.values, chosen, grid),
        None if own is None else _maps(own, chosen, grid),
    )


def _cells(name: str, ids: list[str], found: Contributions, mean: Floats | None) -> pl.DataFrame:
    evidence = found.values.sum(dim=1).cpu().numpy()
    order = np.argsort(-evidence, kind="stable")
    rank = np.empty(len(ids), dtype=np.int64)
    rank[order] = np.arange(1, len(ids) + 1)
    either_way = float(np.abs(evidence).sum())
    columns = {
        "patient": [name] * len(ids),
        "id": ids,
        "evidence": evidence,
        "rank": rank,
        "share": np.abs(evidence) / either_way if either_way else np.zeros(len(ids)),
        "mean_logit": [None] * len(ids) if mean is None else mean,
    }
    return pl.DataFrame(columns, schema=CELLS)


def strongest(evidence: Floats, shown: int) -> npt.NDArray[np.int64]:
    """Return the places of the cells that speak most for, then of those that speak most against.

    Args:
        evidence: (n,), of the cells.
        shown: So many of each at most; a cell that says nothing is none of either.

    Returns:
        (k,) int64: the strongest for first, then the strongest against first.

    Example:
        >>> strongest(np.array([0.1, -2.0, 3.0, 0.0]), 2).tolist()
        [2, 0, 1]
    """
    order = np.argsort(-evidence, kind="stable")
    speaking_for = [place for place in order if evidence[place] > 0][:shown]
    against = [place for place in order[::-1] if evidence[place] < 0][:shown]
    return np.array([*speaking_for, *against], dtype=np.int64)


def _maps(values: torch.Tensor, chosen: npt.NDArray[np.int64], grid: tuple[int, int]) -> Maps:
    kept = values[torch.from_numpy(chosen).to(values.device)].float().cpu().numpy()
    maps: Maps = kept.reshape(len(chosen), *grid)
    return maps


def _resampled(model: PatientModel, patient: PatientInstances, name: str, replicates: int, seed: int) -> Floats | None:
    if len(patient.instances) < FEWEST_CELLS or not replicates:
        return None
    return resampled_logits(model, patient, name, replicates=replicates, seed=seed)


def _interval(
    one: _One, place: int, logits: Floats | None, probability: Probability
) -> tuple[float | None, float | None]:
    if logits is None:
        return None, None
    return bounds(probability(place, logits, one.output))


def _joined(ones: list[_One], grid: tuple[int, int]) -> Evidence:
    logits = [one.logits for one in ones if one.logits is not None]
    nothing: Maps = np.empty((0, *grid), dtype=np.float32)
    return Evidence(
        pl.concat([pl.DataFrame(schema=CELLS), *(one.cells for one in ones)]),
        pl.DataFrame([one.patient for one in ones], schema=PATIENTS),
        [name for one in ones for name in one.shown],
        np.concatenate([nothing, *(one.maps for one in ones)]),
        np.concatenate([nothing, *logits]) if len(logits) == len(ones) else None,
    )
