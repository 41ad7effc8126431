"""Equal shares for the highest instances of each bag."""

from __future__ import annotations

import torch
from torch import Tensor

from leukoscope.models.aggregators.how_many import HowMany
from leukoscope.models.bags import Bags


def shares_of_highest(values: Tensor, bags: Bags, number: HowMany, *, training: bool, lowest: bool = False) -> Tensor:
    """Return 1 / k for the k highest instances of a bag and 0 for the others, column by column.

    Args:
        values: (n, c); they choose, and have no gradient here.
        bags: Which rows belong together.
        number: How many are taken of a bag.
        training: Which of its two numbers counts.
        lowest: The lowest instead.

    Returns:
        (n, c), of the values' dtype; the shares of each bag sum to 1.
    """
    shares = torch.zeros_like(values, requires_grad=False)
    for rows, share in zip(bags.split(values.detach()), bags.split(shares), strict=True):
        k = number.of(len(rows), training=training)
        share.scatter_(0, rows.topk(k, dim=0, largest=not lowest).indices, 1 / k)
    return shares
