"""The probability that at least one instance is positive."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor, nn

from leukoscope.models.aggregators.aggregator import Aggregator
from leukoscope.models.bags import Bags

# Below it log(1 + e^x) is e^x (1 - e^x / 2), and log(e^y - 1) is log(y) + y / 2, to the last bit of a float64.
SMALL = -18.0


class NoisyOr(Aggregator):
    """Noisy-or: each instance is positive with its own probability, and one suffices.

    ``p = 1 - prod(1 - p_i)`` with ``p_i = sigmoid(l_i)``, returned as the logit of p; Maron & Lozano-Perez, A Framework
    for Multiple-Instance Learning, 1998; Viola, Platt & Zhang, Multiple Instance Boosting for Object Detection, 2006.
    Computed as ``log(expm1(sum(log(1 + exp(l_i)))))``, all in logarithms: thousands of instances neither overflow nor
    are rounded to a probability of 1. For two classes only. There is no evidence: the logit is no sum over instances.
    """

    assumption: ClassVar[str] = (
        "One malignant cell makes the patient positive, and each cell is judged independently of the others."
    )
    multiclass: ClassVar[bool] = False

    def forward(self, values: Tensor, bags: Bags, projected: Tensor) -> Tensor:  # noqa: ARG002 - the contract
        """Return the logit of each bag's probability, (n, 1) to (b, 1)."""
        return _log_expm1_of_exp(bags.log_sum_exp(_log_softplus(values)))


def _log_softplus(logits: Tensor) -> Tensor:
    """Return ``log(log(1 + exp(x)))``; each branch is clamped so that the other's gradient stays finite."""
    tail = logits - torch.exp(logits.clamp(max=SMALL)) / 2
    body = torch.log(-nn.functional.logsigmoid(-logits.clamp(min=SMALL)))
    return torch.where(logits < SMALL, tail, body)


def _log_expm1_of_exp(log_total: Tensor) -> Tensor:
    """Return ``log(expm1(y))`` of ``log(y)``, as above."""
    tail = log_total + torch.exp(log_total.clamp(max=SMALL)) / 2
    total = torch.exp(log_total.clamp(min=SMALL))
    body = total + torch.log(-torch.expm1(-total))
    return torch.where(log_total < SMALL, tail, body)
