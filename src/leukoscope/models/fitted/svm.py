"""A support vector machine with a Gaussian kernel, as tensors."""

from __future__ import annotations

from itertools import combinations
from typing import Self

import torch
from torch import Tensor, nn

from leukoscope.errors import counted
from leukoscope.models.fitted.room import Shapes, length_of, numbers


class SvmScores(nn.Module):
    """Decision values: for each pair of classes the sum over support vectors s of ``weight * exp(-gamma * |z - s|^2)``.

    An intercept comes on top (Cortes & Vapnik 1995, Machine Learning 20:273). Of more than two classes a class's score
    is its decision value against the class that it has most trouble with: above 0 it wins against each other one, as
    scikit-learn's votes have it. The least, and not the votes or the sum over all pairs, as what two classes say of a
    cell of a third is noise; and unlike votes it has no steps.

    Args:
        inputs: Length of z, the vector that ``HeadInputs`` makes of a cell.
        outputs: Number of scores: 1 for two classes, above 0 for the second, else one a class.
        vectors: Number v of support vectors.

    Attributes:
        support: (v, inputs) float64, the support vectors.
        weight: (pairs, v) float64: of two classes one row, above 0 for the second; of k classes k (k - 1) / 2, above 0
            for the first of the pair (01, 02, ..., 12, ...).
        intercept: (pairs,) float64.
        gamma: (1,) float64, above 0.
        sides: (k, k - 1) int64, where each class's decision values stand among those of all pairs and these with the
            other sign; follows from k, and is not stored.
    """

    sides: Tensor

    def __init__(self, inputs: int, outputs: int, vectors: int = 1) -> None:
        super().__init__()
        self.outputs = outputs
        pairs = 1 if outputs == 1 else outputs * (outputs - 1) // 2
        self.support = numbers(vectors, inputs)
        self.weight = numbers(pairs, vectors)
        self.intercept = numbers(pairs)
        self.gamma = numbers(1, value=1.0)
        self.register_buffer("sides", _sides(outputs), persistent=False)

    @classmethod
    def with_room(cls, inputs: int, outputs: int, shapes: Shapes) -> Self:
        """Make one with room for as many support vectors as the stored tensors have."""
        return cls(inputs, outputs, length_of(shapes, "support"))

    def holds(self) -> str:
        """Return in words what it stores: its support vectors."""
        return counted(len(self.support), "support vector")

    def by_pair(self, z: Tensor) -> Tensor:
        """Return the decision value of each pair of classes, (n, pairs) float64, of (n, inputs) float64."""
        apart = (z**2).sum(1, keepdim=True) + (self.support**2).sum(1) - 2 * z @ self.support.T
        kernel = torch.exp(-self.gamma * apart.clamp(min=0))
        return kernel @ self.weight.T + self.intercept

    def forward(self, z: Tensor) -> Tensor:
        """Return scores, (n, outputs) float64, of (n, inputs) float64."""
        found = self.by_pair(z)
        if self.outputs == 1:
            return found
        return torch.cat([found, -found], dim=1)[:, self.sides].amin(dim=2)


def _sides(classes: int) -> Tensor:
    pairs = list(combinations(range(classes), 2))
    turned = [(second, first) for first, second in pairs]
    rows = [[place for place, pair in enumerate(pairs + turned) if pair[0] == one] for one in range(classes)]
    return torch.tensor(rows, dtype=torch.int64)
