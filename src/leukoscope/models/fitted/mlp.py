"""A network of one hidden layer that was fitted at once, as tensors."""

from __future__ import annotations

from typing import Self

import torch
from torch import Tensor, nn

from leukoscope.models.fitted.room import Shapes, length_of


class MlpScores(nn.Module):
    """One hidden layer with ReLU, and the values behind it: log-odds for two classes, else one a class.

    Args:
        inputs: Length of z, the vector that ``HeadInputs`` makes of a cell.
        outputs: Number of scores: 1 for two classes, else one a class.
        width: Of the hidden layer.

    Attributes:
        hidden: Weights (width, inputs) and biases (width,), float64.
        last: Weights (outputs, width) and biases (outputs,), float64.
    """

    def __init__(self, inputs: int, outputs: int, width: int = 1) -> None:
        super().__init__()
        self.outputs = outputs
        self.hidden = nn.Linear(inputs, width, dtype=torch.float64)
        self.last = nn.Linear(width, outputs, dtype=torch.float64)
        for numbers in self.parameters():
            nn.init.zeros_(numbers)

    @classmethod
    def with_room(cls, inputs: int, outputs: int, shapes: Shapes) -> Self:
        """Make one whose hidden layer is as wide as the stored tensors say."""
        return cls(inputs, outputs, length_of(shapes, "hidden.weight"))

    def forward(self, z: Tensor) -> Tensor:
        """Return scores, (n, outputs) float64, of (n, inputs) float64."""
        found: Tensor = self.last(torch.relu(self.hidden(z)))
        return found
