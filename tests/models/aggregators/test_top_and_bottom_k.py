"""The mean of both ends, against NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from leukoscope.models.aggregators.top_and_bottom_k import TopAndBottomK
from leukoscope.models.bags import Bags


@pytest.mark.parametrize("k", [1, 3, 8, 100])
def test_it_is_halfway_between_the_ends(k: int, instances: Any, none: Tensor) -> None:
    ordered = [np.sort(piece, axis=0) for piece in instances.pieces]
    expected = [(piece[-k:].mean(0) + piece[:k].mean(0)) / 2 for piece in ordered]
    np.testing.assert_allclose(TopAndBottomK(k=k)(instances.values, instances.bags, none), expected)


def test_an_instance_among_both_ends_counts_twice() -> None:
    values = torch.tensor([[4.0], [1.0], [2.0]])
    weights = TopAndBottomK(k=2).weights(values, Bags(torch.tensor([3])), values[:, :0])
    assert weights.flatten().tolist() == [0.25, 0.25, 0.5]


def test_training_takes_its_own_k() -> None:
    values = torch.tensor([[4.0], [1.0], [2.0]])
    ends = TopAndBottomK(k=3, k_train=1).train()
    assert ends(values, Bags(torch.tensor([3])), values[:, :0]).item() == 2.5
