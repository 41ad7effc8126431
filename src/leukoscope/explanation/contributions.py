"""What each instance adds to one patient's logit, and what each would say alone."""

from __future__ import annotations

import torch
from torch import Tensor

from leukoscope.explanation.instances import PatientInstances
from leukoscope.models.bags import Bags
from leukoscope.models.contributions import Contributions, instance_contributions
from leukoscope.models.patient_model import PatientModel

__all__ = ["Contributions", "contributions", "instance_logits"]


def contributions(model: PatientModel, patient: PatientInstances, output: int = 0) -> Contributions:
    """Return what each instance adds to a patient's logit, as ``instance_contributions`` says.

    Args:
        model: The network, in evaluation mode.
        patient: The patient.
        output: Which logit: 0 for two classes, the class's place for more.
    """
    return instance_contributions(model, patient.instances, patient.facts, output)


def instance_logits(model: PatientModel, patient: PatientInstances, output: int = 0) -> Tensor | None:
    """Return each instance's own logit, (n, m); None where instances have none (features fused with facts).

    Where features are aggregated it is the logit of a patient who had this instance alone.

    Args:
        model: The network, in evaluation mode.
        patient: The patient.
        output: As in ``contributions``.
    """
    cells, places = patient.instances.shape[:2]
    if model.order == "logits":
        return patient.instances[..., output]
    if model.fusion is not None:
        return None
    each = patient.instances.flatten(0, 1).unsqueeze(1)
    with torch.no_grad():
        logits = model.diagnose(each, Bags(torch.ones(len(each), dtype=torch.int64, device=each.device)))
    return logits[:, output].view(cells, places)
