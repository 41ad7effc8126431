"""The likeness of a cell to the mean of each class, as tensors."""

from __future__ import annotations

from typing import Self

import torch
from torch import Tensor, nn
from torch.nn import functional

from leukoscope.models.fitted.room import Shapes, numbers


class PrototypeScores(nn.Module):
    """The cosine of the angle between z and each class's prototype, -1 to 1; of two classes their difference.

    Prototypes are the means of a class's cells, each of length 1 (Snell et al. 2017, NeurIPS, equation 1, with the
    cosine in place of the distance): a class of three cells has one as a class of thousands has.

    Args:
        inputs: Length of z, the vector that ``HeadInputs`` makes of a cell.
        outputs: Number of scores: 1 for two classes, the second's cosine less the first's, else one a class.

    Attributes:
        prototypes: (classes, inputs) float64, of any length above 0.
    """

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.outputs = outputs
        self.prototypes = numbers(max(outputs, 2), inputs)

    @classmethod
    def with_room(cls, inputs: int, outputs: int, shapes: Shapes) -> Self:
        """Make one; its tensors' lengths come of no fit."""
        del shapes
        return cls(inputs, outputs)

    def holds(self) -> str:
        """Return in words what it stores: its prototypes."""
        return f"{len(self.prototypes)} prototypes"

    def forward(self, z: Tensor) -> Tensor:
        """Return scores, (n, outputs) float64, of (n, inputs) float64."""
        alike: Tensor = functional.normalize(z) @ functional.normalize(self.prototypes).T
        alike = torch.clamp(alike, -1, 1)
        return alike[:, 1:] - alike[:, :1] if self.outputs == 1 else alike
