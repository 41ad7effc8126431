"""The likeness of a cell to the mean of each class, as tensors."""

from __future__ import annotations

from typing import Self

import torch
from torch import Tensor, nn
from torch.nn import functional

from leukoscope.models.fitted.room import Shapes, numbers


class PrototypeScores(nn.Module):
    """The cosine of the angle between z and each class's prototype, -1 to 1.

    Prototypes are the means of a class's cells, each of length 1 (Snell et al. 2017, NeurIPS, equation 1, with the
    cosine in place of the distance): a class of three cells has one as a class of thousands has.

    Args:
        inputs: Length of z.
        outputs: Number of the head's logits: 1 for two classes, else one a class.
    """

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.values = max(outputs, 2)
        self.prototypes = numbers(self.values, inputs)

    @classmethod
    def with_room(cls, inputs: int, outputs: int, shapes: Shapes) -> Self:
        """Make one; its tensors' lengths come of no fit."""
        del shapes
        return cls(inputs, outputs)

    def holds(self) -> str:
        """Return in words what it stores: its prototypes."""
        return f"{self.values} prototypes"

    def forward(self, z: Tensor) -> Tensor:
        """Return cosines, (n, values) float64, of (n, inputs) float64."""
        found: Tensor = functional.normalize(z) @ functional.normalize(self.prototypes).T
        return torch.clamp(found, -1, 1)
