"""What each instance adds to one patient's logit: exactly where there is such a sum, else by gradient times input."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from leukoscope.explanation.instances import PatientInstances
from leukoscope.models.bags import Bags
from leukoscope.models.patient_model import PatientModel

# float32 sums over some ten thousand instances; a wrong decomposition misses by far more.
TOLERANCE = 1e-3


@dataclass(frozen=True, eq=False)
class Contributions:
    """What each instance of a patient adds to the patient's logit.

    Args:
        values: (n, m) float64, in logit units; above 0 speaks for the class.
        logit: The patient's logit of that class.
        sums: Whether the values sum to the logit, as measured; else they say only which way each instance pulls.
    """

    values: Tensor
    logit: float
    sums: bool


def contributions(model: PatientModel, patient: PatientInstances, output: int = 0) -> Contributions:
    """Return what each instance adds to a patient's logit.

    Where the aggregator knows contributions that sum to the logit (every weighted mean does), these; that they sum is
    checked, not assumed. Where it knows none, or facts are fused within the network, the gradient of the logit times
    the instance's value (Shrikumar, Greenside & Kundaje 2017, "Learning important features", section 3.1), with the
    instances' shares as they are; those values do not sum to the logit.

    Args:
        model: The network, in evaluation mode.
        patient: The patient.
        output: Which logit: 0 for two classes, the class's place for more.
    """
    with torch.no_grad():
        logit = float(model.diagnose(patient.instances, patient.bags, patient.facts)[0, output])
        exact = None if model.fusion is not None else model.evidence(patient.instances, patient.bags, output)
    if exact is not None and abs(float(exact.double().sum()) - logit) <= TOLERANCE * (1 + abs(logit)):
        return Contributions(exact.double(), logit, sums=True)
    return Contributions(_gradient_times_input(model, patient, output), logit, sums=False)


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


def _gradient_times_input(model: PatientModel, patient: PatientInstances, output: int) -> Tensor:
    with torch.enable_grad():
        given = patient.instances.detach().clone().requires_grad_()
        logit = model.diagnose(given, patient.bags, patient.facts)[0, output]
        (gradient,) = torch.autograd.grad(logit, given)
    return (gradient * given.detach())[..., : _values(model, patient)].double().sum(dim=-1)


def _values(model: PatientModel, patient: PatientInstances) -> int:
    """Return how many of an instance's numbers are values; scores and tokens that weigh them follow."""
    return patient.instances.shape[2] - model.aggregator.projected
