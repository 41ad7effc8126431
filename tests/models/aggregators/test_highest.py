"""Shares of the highest and lowest instances."""

from __future__ import annotations

import torch

from leukoscope.models.aggregators.highest import shares_of_highest
from leukoscope.models.aggregators.how_many import HowMany
from leukoscope.models.bags import Bags

TWO = HowMany(2, None, 1, 1)


def test_the_highest_or_lowest_have_equal_shares_and_no_gradient() -> None:
    values = torch.tensor([[1.0, 9.0], [3.0, 8.0], [2.0, 7.0], [5.0, 5.0]], requires_grad=True)
    bags = Bags(torch.tensor([3, 1]))
    highest = shares_of_highest(values, bags, TWO, training=False)
    lowest = shares_of_highest(values, bags, TWO, training=False, lowest=True)
    assert highest.tolist() == [[0.0, 0.5], [0.5, 0.5], [0.5, 0.0], [1.0, 1.0]]
    assert lowest.tolist() == [[0.5, 0.0], [0.0, 0.5], [0.5, 0.5], [1.0, 1.0]]
    assert not highest.requires_grad


def test_training_takes_its_own_number() -> None:
    shares = shares_of_highest(torch.tensor([[1.0], [3.0]]), Bags(torch.tensor([2])), TWO, training=True)
    assert shares.flatten().tolist() == [0.0, 1.0]
