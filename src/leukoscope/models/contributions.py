"""What each instance adds to one patient's logit: exactly where there is such a sum, else by gradient times input."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

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


def instance_contributions(
    model: PatientModel, instances: Tensor, facts: Tensor | None, output: int = 0
) -> Contributions:
    """Return what each instance adds to a patient's logit.

    Where the aggregator knows contributions that sum to the logit (every weighted mean does), these; that they sum is
    checked, not assumed. Where it knows none, or facts are fused within the network, the gradient of the logit times
    the instance's value (Shrikumar, Greenside & Kundaje 2017, "Learning important features", section 3.1), with the
    instances' shares as they are; those values do not sum to the logit.

    Args:
        model: The network, in evaluation mode.
        instances: (n, m, w) float32, as ``PatientModel.instances`` gives them: m instances of each of n cells.
        facts: (1, f) float32, encoded; None where there are none.
        output: Which logit: 0 for two classes, the class's place for more.
    """
    bags = Bags(torch.tensor([len(instances)], device=instances.device))
    with torch.no_grad():
        logit = float(model.diagnose(instances, bags, facts)[0, output])
        exact = None if model.fusion is not None else model.evidence(instances, bags, output)
    if exact is not None and abs(float(exact.double().sum()) - logit) <= TOLERANCE * (1 + abs(logit)):
        return Contributions(exact.double(), logit, sums=True)
    return Contributions(_gradient_times_input(model, instances, bags, facts, output), logit, sums=False)


def _gradient_times_input(
    model: PatientModel, instances: Tensor, bags: Bags, facts: Tensor | None, output: int
) -> Tensor:
    with torch.inference_mode(mode=False), torch.enable_grad():
        given = instances.detach().clone().requires_grad_()
        logit = model.diagnose(given, bags, facts)[0, output]
        (gradient,) = torch.autograd.grad(logit, given)
    # Scores and tokens that weigh an instance's values follow them.
    values = instances.shape[2] - model.aggregator.projected
    return (gradient * given.detach())[..., :values].double().sum(dim=-1)
