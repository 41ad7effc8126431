"""A mean weighted by the sigmoid of the normalised logits: Grisi & Schmidt-Mengin's aggregator."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor, nn

from leukoscope.models.aggregators.aggregator import Aggregator
from leukoscope.models.aggregators.options import positive
from leukoscope.models.bags import Bags

EPSILON = 1e-5


class BnSigmoid(Aggregator):
    """A mean in which high logits count more, by how high they are among all logits of the batch.

    ``z = sum(a_i l_i) / sum(a_i)`` with ``a_i = sigmoid(beta + gamma (l_i - mu) / sqrt(V + eps))``, in which ``l_i``,
    ``mu`` and ``V`` have no gradient; Grisi & Schmidt-Mengin, Classification of Lymphocytosis from Blood Cells. Each
    column has its own ``gamma`` (from 1), ``beta`` (from 0) and statistics.

    In training mode ``mu`` and ``V`` (biased) are those of all logits of all patients in the batch; in evaluation
    running statistics, so that a patient's value never depends on who else is scored. ``forward`` in training mode
    moves these once a call; the first batch sets them, for a few steps an epoch would leave them near their start
    for long. A batch of one instance has no spread: it leaves them as they are, and its value is its logit.

    Args:
        features: As of every aggregator; not used.
        outputs: Columns, each with its own parameters and statistics.
        seed: As of every aggregator; not used.
        momentum: Share of the running statistics that a batch replaces, above 0 to 1.

    Raises:
        SettingsError: the momentum is wrong.
    """

    assumption: ClassVar[str] = (
        "All cells say something of the patient, and those that look more malignant than most say more."
    )
    stop_gradient: ClassVar[bool] = True
    running_mean: Tensor
    running_variance: Tensor
    batches: Tensor

    def __init__(self, features: int = 0, outputs: int = 1, seed: int = 0, *, momentum: float = 0.1) -> None:
        super().__init__(features, outputs, seed)
        self.momentum = positive("bn_sigmoid", "momentum", momentum, most=1)
        self.gamma = nn.Parameter(torch.ones(outputs))
        self.beta = nn.Parameter(torch.zeros(outputs))
        self.register_buffer("running_mean", torch.zeros(outputs))
        self.register_buffer("running_variance", torch.ones(outputs))
        self.register_buffer("batches", torch.tensor(0))

    def forward(self, values: Tensor, bags: Bags, projected: Tensor) -> Tensor:
        """Return each bag's weighted mean, (b, c); in training mode, move the running statistics."""
        value = bags.sum(values * self.weights(values, bags, projected))
        if self.training and len(values) > 1:
            self._move(values.detach())
        return value

    def weights(self, values: Tensor, bags: Bags, projected: Tensor) -> Tensor:  # noqa: ARG002 - the contract
        """Return ``a_i / sum(a_i)``, (n, c); moves no statistics."""
        # As a softmax of log(a_i): the same, and never 0 / 0 where every a_i of a bag is too small for a float.
        return bags.softmax(nn.functional.logsigmoid(self.beta + self.gamma * self.normalised(values)))

    def normalised(self, values: Tensor) -> Tensor:
        """Return ``(l_i - mu) / sqrt(V + eps)`` without gradient, (n, c); what the sigmoid is laid over."""
        logits = values.detach()
        mean, variance = self._statistics(logits) if self.training else (self.running_mean, self.running_variance)
        return (logits - mean) / torch.sqrt(variance + EPSILON)

    @staticmethod
    def _statistics(logits: Tensor) -> tuple[Tensor, Tensor]:
        return logits.mean(dim=0), logits.var(dim=0, correction=0)

    @torch.no_grad()
    def _move(self, logits: Tensor) -> None:
        self.batches += 1
        share = max(self.momentum, 1 / int(self.batches))
        mean, variance = self._statistics(logits)
        self.running_mean.lerp_(mean.to(self.running_mean.dtype), share)
        self.running_variance.lerp_(variance.to(self.running_variance.dtype), share)
