"""The mean, against NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
from torch import Tensor

from leukoscope.models.aggregators.mean import Mean


def test_it_is_the_mean(instances: Any, none: Tensor) -> None:
    mean = Mean()
    np.testing.assert_allclose(
        mean(instances.values, instances.bags, none), [piece.mean(0) for piece in instances.pieces]
    )


def test_each_instance_adds_its_share(instances: Any, none: Tensor) -> None:
    mean = Mean()
    expected = np.concatenate([piece / len(piece) for piece in instances.pieces])
    np.testing.assert_allclose(mean.evidence(instances.values, instances.bags, none), expected)
