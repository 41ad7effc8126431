"""One patient's cells within a graph: a bag whose size is known only when the graph runs, and what ranks its cells."""

from __future__ import annotations

import torch
from torch import Tensor

from leukoscope.models.aggregators.how_many import USUAL, HowMany
from leukoscope.models.aggregators.mean_and_spread import MeanAndSpread
from leukoscope.models.aggregators.self_attention import SelfAttention
from leukoscope.models.aggregators.top_and_bottom_k import TopAndBottomK
from leukoscope.models.aggregators.top_k import TopK
from leukoscope.models.bags import Bags

ROUNDING = 3e-5
"""So that a share of a bag that makes a whole number is that number, in float32 too."""


class OneBag(Bags):
    """All rows of a table as one bag; asks nothing of its size in Python, so that no size is baked into a graph.

    Args:
        count: How many rows there are; while a graph is made, a number that stands for any.
    """

    def __init__(self, count: int) -> None:
        self.count = count
        self.sizes = torch.scalar_tensor(count, dtype=torch.int64).reshape(1)

    @property
    def number(self) -> int:
        """One."""
        return 1

    @property
    def index(self) -> Tensor:
        """The bag of each row, (n,) int64: the first."""
        return torch.zeros(self.count, dtype=torch.int64)

    def repeated(self, times: int) -> OneBag:
        """Return the bag of a table in which each row has become so many."""
        return OneBag(self.count * times)

    def split(self, values: Tensor) -> tuple[Tensor, ...]:
        """Return all rows."""
        return (values,)

    def spread(self, values: Tensor) -> Tensor:
        """Return the bag's value on all of its rows, (1, c) to (n, c)."""
        return values.expand(self.count, -1)


class TopKInGraph(TopK):
    """The mean of the k highest instances of one bag."""

    def weights(self, values: Tensor, bags: Bags, projected: Tensor) -> Tensor:  # noqa: ARG002 - the contract
        """Return 1 / k for the k highest instances and 0 for the others, (n, c)."""
        return _shares_of_highest(values, bags, self.number, lowest=False)


class TopAndBottomKInGraph(TopAndBottomK):
    """Halfway between the mean of the k highest and the mean of the k lowest instances of one bag."""

    def weights(self, values: Tensor, bags: Bags, projected: Tensor) -> Tensor:  # noqa: ARG002 - the contract
        """Return 1 / 2k for the k highest and for the k lowest instances (both add up), else 0, (n, c)."""
        top, bottom = (_shares_of_highest(values, bags, self.number, lowest=lowest) for lowest in (False, True))
        return (top + bottom) / 2


class MeanAndSpreadInGraph(MeanAndSpread):
    """The mean of one bag's instances, and how far they spread about it."""

    def forward(self, values: Tensor, bags: Bags, projected: Tensor) -> Tensor:  # noqa: ARG002 - the contract
        """Return means and L-scales, (n, c) to (1, 2 c)."""
        spread = (_shares_of_spread(values, bags) * values).sum(dim=0, keepdim=True)
        return torch.cat([values.mean(dim=0, keepdim=True), spread], dim=1)

    def evidence(self, values: Tensor, bags: Bags, projected: Tensor) -> Tensor:  # noqa: ARG002 - the contract
        """Return each instance's term of means and L-scales, (n, 2 c)."""
        means = values.mean(dim=0, keepdim=True)
        return torch.cat([values / bags.sizes, _shares_of_spread(values, bags) * (values - means)], dim=1)


class SelfAttentionInGraph(SelfAttention):
    """Self-attention over a bag of any size: a graph cannot refuse one that is too large."""

    def _refuse_large(self, bags: Bags) -> None:
        """Refuse nothing."""


def _ranks(values: Tensor, *, descending: bool) -> Tensor:
    """Return each value's place in its column, (n, c) int64, from 0; of equals any may come first."""
    # ONNX puts the first of equals first by itself, and knows no stable sort by that name.
    return torch.argsort(torch.argsort(values, dim=0, descending=descending), dim=0)


def _shares_of_highest(values: Tensor, bags: Bags, number: HowMany, *, lowest: bool) -> Tensor:
    """Return 1 / k for the k highest (or lowest) instances and 0 for the others, column by column."""
    if number.share is None:
        k = torch.minimum(bags.sizes, torch.tensor(number.k or USUAL))
    else:
        asked = torch.ceil(number.share * bags.sizes.float() - ROUNDING).long()
        k = torch.minimum(asked.clamp(min=number.at_least), bags.sizes)
    return (_ranks(values, descending=not lowest) < k).to(values.dtype) / k


def _shares_of_spread(values: Tensor, bags: Bags) -> Tensor:
    """Return the weight of each value in the L-scale of its column, (n, c)."""
    number, ranks = bags.sizes.to(values.dtype), _ranks(values, descending=False).to(values.dtype)
    return (2 * ranks - (number - 1)) / (number * (number - 1).clamp(min=1))
