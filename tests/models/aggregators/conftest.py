"""Rows of ragged bags that the aggregators are tried on, for tensors and for plain NumPy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
import torch
from torch import Tensor

from leukoscope.models.bags import Bags

FEATURES = 4


@dataclass(frozen=True)
class Instances:
    values: Tensor
    features: Tensor
    bags: Bags

    @property
    def pieces(self) -> list[np.ndarray]:
        """The values of each bag."""
        return [piece.numpy() for piece in self.bags.split(self.values)]

    @property
    def feature_pieces(self) -> list[np.ndarray]:
        """The features of each bag."""
        return [piece.numpy() for piece in self.bags.split(self.features)]


@pytest.fixture
def instances() -> Instances:
    """Bags of 1 to 30 instances, two columns, float64."""
    sizes = torch.tensor([5, 1, 30, 2, 12])
    drawn = torch.from_numpy(np.random.default_rng(3).normal(0.3, 2, (50, 2 + FEATURES)))
    return Instances(drawn[:, :2], drawn[:, 2:], Bags(sizes))


@pytest.fixture
def none() -> Tensor:
    """What is projected where nothing is."""
    return torch.zeros(50, 0, dtype=torch.float64)
