"""What each of the clinic's facts moved a patient's logit by."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl
import torch

from leukoscope.evaluation.units import Floats
from leukoscope.explanation.instances import PatientInstances, each_patient
from leukoscope.models.patient_model import PatientModel
from leukoscope.pictures.bags import BagData
from leukoscope.training.cell_sources import CellSource

MISSING = "missing"
START = "average patient"
COLUMNS: dict[str, pl.DataType] = {
    "patient": pl.String(),
    "fact": pl.String(),
    "value": pl.String(),
    "moved": pl.Float64(),
}


def moves_table(
    patients: Sequence[str], moves: npt.NDArray[np.floating], sources: Sequence[str], values: pl.DataFrame
) -> pl.DataFrame:
    """Return what each fact moved, the columns that a fact was encoded in taken together.

    Args:
        patients: The b patients' names.
        moves: (b, f), what each column moved the logit by: see ``late_moves`` and ``occluded_moves``.
        sources: The fact that each of the f columns is made of: ``FactsEncoder.sources``.
        values: ``patient`` and the facts as the clinic wrote them.

    Returns:
        A row a patient and fact, in the order of the facts: ``patient``, ``fact``, ``value`` (as text; "missing" where
        it is, null for what is no fact of theirs), ``moved`` (in logit units; above 0 speaks for the class).
    """
    facts = list(dict.fromkeys(sources))
    known = {str(row["patient"]): row for row in values.iter_rows(named=True)}
    of_fact = {fact: [place for place, source in enumerate(sources) if source == fact] for fact in facts}
    rows = [
        (
            patient,
            fact,
            _said(known.get(patient, {}).get(fact)) if fact in values.columns else None,
            float(moves[place, of_fact[fact]].sum()),
        )
        for place, patient in enumerate(patients)
        for fact in facts
    ]
    return pl.DataFrame(rows, schema=COLUMNS, orient="row")


def occluded_moves(
    model: PatientModel,
    data: BagData,
    device: torch.device,
    *,
    sources: Sequence[str],
    mean: npt.NDArray[np.float32],
    batch: int = 64,
    source: CellSource | None = None,
) -> Floats:
    """Return what each fact moves the logit of a network that fuses facts within it, by occlusion.

    A fact's move is the patient's logit less the logit with all of that fact's columns at their training mean (Zeiler &
    Fergus 2014, section 4.2, on pictures). Facts that act together are each credited with their common part, so that
    moves need not sum to anything.

    Args:
        model: A network with a fusion.
        data: The patients, with facts.
        device: Where to compute.
        sources: The fact that each of the f columns is made of.
        mean: (f,), the columns' means over the training patients.
        batch: Cells at a time in the backbone.
        source: As in ``instances.each_patient``.

    Returns:
        (b, f) float64: a fact's move stands in the first of its columns, the others are 0. For more than two classes of
        the logit that is the highest for the patient.
    """
    moves = np.zeros((len(data), len(sources)))
    middle = torch.from_numpy(np.asarray(mean, dtype=np.float32)).to(device)
    for patient in each_patient(model, data, device, batch=batch, source=source):
        for fact in dict.fromkeys(sources):
            columns = [place for place, source in enumerate(sources) if source == fact]
            moves[patient.place, columns[0]] = _move(model, patient, columns, middle)
    return moves


def _move(model: PatientModel, patient: PatientInstances, columns: list[int], mean: torch.Tensor) -> float:
    assert patient.facts is not None, "a network with a fusion has facts"
    hidden = patient.facts.clone()
    hidden[:, columns] = mean[columns]
    with torch.no_grad():
        logits, without = (
            model.diagnose(patient.instances, patient.bags, facts)[0] for facts in (patient.facts, hidden)
        )
    output = int(logits.argmax()) if len(logits) > 1 else 0
    return float(logits[output] - without[output])


def _said(value: object) -> str:
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return MISSING
    return f"{value:g}" if isinstance(value, float) else str(value)
