"""A support vector machine with a Gaussian kernel, as tensors."""

from __future__ import annotations

from typing import Self

import torch
from torch import Tensor, nn

from leukoscope.errors import counted
from leukoscope.models.fitted.room import Shapes, length_of, numbers


class SvmScores(nn.Module):
    """The decision values: sums over support vectors s of ``weight * exp(-gamma * |z - s|^2)``, plus an intercept.

    Cortes & Vapnik 1995, Machine Learning 20:273. Two classes have one value, above 0 for the second; more have one a
    pair of classes, above 0 for the first of the pair (01, 02, ..., 12, ...).

    Args:
        inputs: Length of z.
        outputs: Number of the head's logits: 1 for two classes, else one a class.
        vectors: Number of support vectors.
    """

    def __init__(self, inputs: int, outputs: int, vectors: int = 1) -> None:
        super().__init__()
        self.values = 1 if outputs == 1 else outputs * (outputs - 1) // 2
        self.support = numbers(vectors, inputs)
        self.weight = numbers(self.values, vectors)
        self.intercept = numbers(self.values)
        self.gamma = numbers(1, value=1.0)

    @classmethod
    def with_room(cls, inputs: int, outputs: int, shapes: Shapes) -> Self:
        """Make one with room for as many support vectors as the stored tensors have."""
        return cls(inputs, outputs, length_of(shapes, "support"))

    def holds(self) -> str:
        """Return in words what it stores: its support vectors."""
        return counted(len(self.support), "support vector")

    def forward(self, z: Tensor) -> Tensor:
        """Return decision values, (n, values) float64, of (n, inputs) float64."""
        apart = (z**2).sum(1, keepdim=True) + (self.support**2).sum(1) - 2 * z @ self.support.T
        kernel = torch.exp(-self.gamma * apart.clamp(min=0))
        return kernel @ self.weight.T + self.intercept
