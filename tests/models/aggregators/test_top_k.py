"""The mean of the highest, against NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from leukoscope.models.aggregators.max import Max
from leukoscope.models.aggregators.mean import Mean
from leukoscope.models.aggregators.top_k import TopK


@pytest.mark.parametrize("k", [1, 3, 100])
def test_it_is_the_mean_of_the_highest(k: int, instances: Any, none: Tensor) -> None:
    expected = [np.sort(piece, axis=0)[-k:].mean(0) for piece in instances.pieces]
    np.testing.assert_allclose(TopK(k=k)(instances.values, instances.bags, none), expected)


def test_a_share_of_the_bag(instances: Any, none: Tensor) -> None:
    expected = [np.sort(piece, axis=0)[-max(2, -(-len(piece) // 4)) :].mean(0) for piece in instances.pieces]
    found = TopK(share=0.25, at_least=2)(instances.values, instances.bags, none)
    np.testing.assert_allclose(found, expected)


def test_training_and_evaluation_take_their_own_k(instances: Any, none: Tensor) -> None:
    top = TopK(k=100, k_train=1)
    given = (instances.values, instances.bags, none)
    torch.testing.assert_close(top.train()(*given), Max()(*given))
    torch.testing.assert_close(top.eval()(*given), Mean()(*given))
