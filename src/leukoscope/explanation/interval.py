"""How far a patient's logit depends on which cells were photographed: the bootstrap over the patient's cells."""

from __future__ import annotations

import numpy as np
import torch

from leukoscope.evaluation.units import Floats
from leukoscope.explanation.instances import PatientInstances
from leukoscope.models.bags import Bags
from leukoscope.models.patient_model import PatientModel
from leukoscope.randomness import generator

REPLICATES = 200
LEVEL = 0.95
MEANING = (
    "A rough range: about where the probability would lie, had other cells of this patient been photographed. "
    "It says how steady the answer is, not how often such answers are right."
)
# Numbers of the resampled instances that are held at a time: 64 MB of float32.
MOST_NUMBERS = 16_000_000


def resampled_logits(
    model: PatientModel, patient: PatientInstances, name: str, *, replicates: int = REPLICATES, seed: int = 0
) -> Floats:
    """Return a patient's logits under other draws of as many cells.

    Cells are drawn with replacement (Efron 1979) and aggregated anew; the backbone does not run again. The draws
    depend on the seed and the patient's name alone.

    Args:
        model: The network, in evaluation mode.
        patient: The patient.
        name: The patient's name.
        replicates: How many draws.
        seed: The seed.

    Returns:
        (replicates, outputs) float64.
    """
    cells = len(patient.instances)
    drawn = generator(seed, "explained cells", name).integers(cells, size=(replicates, cells))
    together = max(MOST_NUMBERS // patient.instances.numel(), 1)
    return np.concatenate([_logits(model, patient, drawn[at : at + together]) for at in range(0, replicates, together)])


def bounds(values: Floats, level: float = LEVEL) -> tuple[float, float]:
    """Return the percentiles that leave an equal share on either side.

    Args:
        values: (r,), a number of each draw.
        level: Share that lies between them, 0 to 1.

    Example:
        >>> bounds(np.arange(101.0), 0.5)
        (25.0, 75.0)
    """
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def _logits(model: PatientModel, patient: PatientInstances, drawn: np.ndarray) -> Floats:
    device = patient.instances.device
    index = torch.from_numpy(drawn.ravel()).to(device)
    bags = Bags(torch.full((len(drawn),), drawn.shape[1], device=device))
    facts = None if patient.facts is None else patient.facts.expand(len(drawn), -1)
    with torch.no_grad():
        logits = model.diagnose(patient.instances[index], bags, facts)
    found: Floats = logits.cpu().numpy().astype(np.float64)
    return found
