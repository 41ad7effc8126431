"""The maximum, against NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from leukoscope.models.aggregators.max import Max
from leukoscope.models.bags import Bags


def test_it_is_the_maximum_of_each_column(instances: Any, none: Tensor) -> None:
    found = Max()(instances.values, instances.bags, none)
    np.testing.assert_array_equal(found, [piece.max(0) for piece in instances.pieces])


def test_instances_that_are_equally_high_share_the_weight_and_the_gradient() -> None:
    values = torch.tensor([[2.0], [2.0], [1.0], [-1.0]], requires_grad=True)
    bags = Bags(torch.tensor([3, 1]))
    weights = Max().weights(values, bags, values[:, :0])
    (gradient,) = torch.autograd.grad(Max()(values, bags, values[:, :0]).sum(), values)
    assert weights.flatten().tolist() == gradient.flatten().tolist() == [0.5, 0.5, 0.0, 1.0]
