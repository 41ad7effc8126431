"""The mean of all instances, and how far they spread about it."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor

from leukoscope.models.aggregators.aggregator import Aggregator
from leukoscope.models.bags import Bags


class MeanAndSpread(Aggregator):
    """The mean and the L-scale of each column: twice as many columns, for features only.

    The L-scale is the second L-moment, half the expected difference of two instances drawn at random (Hosking 1990,
    J R Stat Soc B 52:105), by its unbiased estimate ``2 b1 - b0 = sum((2 j - n - 1) x_(j)) / (n (n - 1))`` of the
    instances in rising order, j from 1 to n. Both expect the same of three cells as of three hundred: a maximum, a mean
    of the highest or a plain standard deviation would tell how many cells were photographed. Of one cell the spread
    is 0.
    """

    assumption: ClassVar[str] = (
        "The patient's cells as a whole have shifted, or vary more or less than they should; how many cells were "
        "photographed says nothing."
    )

    def width(self, columns: int) -> int:
        """Return two columns for each one: first all means, then all L-scales."""
        return 2 * columns

    def forward(self, values: Tensor, bags: Bags, projected: Tensor) -> Tensor:  # noqa: ARG002 - the contract
        """Return means and L-scales of each bag, (n, c) to (b, 2 c)."""
        spreads = torch.stack([_rising(rows) @ torch.sort(rows, dim=0).values for rows in bags.split(values)])
        return torch.cat([bags.mean(values), spreads], dim=1)

    def evidence(self, values: Tensor, bags: Bags, projected: Tensor) -> Tensor:  # noqa: ARG002 - the contract
        """Return each instance's term of means and L-scales, (n, 2 c).

        An L-scale's weights sum to 0, so that its terms are of distances from the bag's mean.
        """
        means = bags.mean(values)[bags.index]
        shares = torch.cat([_shares(rows) for rows in bags.split(values)])
        number = bags.sizes[bags.index, None].to(values.dtype)
        return torch.cat([values / number, shares * (values - means)], dim=1)


def _rising(rows: Tensor) -> Tensor:
    """Return the weight of the lowest, the next, ... and the highest value of n in an L-scale, (n,)."""
    number = len(rows)
    places = torch.arange(number, dtype=rows.dtype, device=rows.device)
    return (2 * places - (number - 1)) / (number * max(number - 1, 1))


def _shares(rows: Tensor) -> Tensor:
    """Return the weight of each value in the L-scale of its column, (n, c)."""
    order = torch.argsort(rows, dim=0, stable=True)
    return torch.empty_like(rows).scatter_(0, order, _rising(rows)[:, None].expand_as(rows))
