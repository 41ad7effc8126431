"""What a fitted head sees of a cell's features: standardised, and of a network's their principal components."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from leukoscope.models.fitted.room import numbers


class HeadInputs(nn.Module):
    """Standardises features, and puts principal components in the place of those of a network.

    Named measures, which stand behind a network's features, stay themselves.

    Args:
        features: Length of what a cell's features are, measures counted.
        pooled: How many of them are the network's.
        components: Number of principal components in their place; None: they stay as they are.

    Attributes:
        width: Length of what is given, of z.
        mean: (features,) float64, what is taken from each feature.
        scale: (features,) float64, above 0, what it is divided by then.
        components: (components, pooled) float64, what the network's standardised features are multiplied by; None where
            they stay as they are.
    """

    mean: Tensor
    scale: Tensor

    def __init__(self, features: int, pooled: int, components: int | None = None) -> None:
        super().__init__()
        self.pooled = pooled
        self.width = features if components is None else components + features - pooled
        self.register_buffer("mean", torch.zeros(features, dtype=torch.float64))
        self.register_buffer("scale", torch.ones(features, dtype=torch.float64))
        self.components = None if components is None else numbers(components, pooled)

    def forward(self, features: Tensor) -> Tensor:
        """Return (n, ``width``) float64 of (n, features) float."""
        found: Tensor = (features.double() - self.mean) / self.scale
        if self.components is None:
            return found
        return torch.cat([found[:, : self.pooled] @ self.components.T, found[:, self.pooled :]], dim=1)
