"""Which rows belong to which patient: rows of a bag stand together, bags may be of any size."""

from __future__ import annotations

from functools import cached_property

import torch
from torch import Tensor

from leukoscope.errors import DataError


class Bags:
    """The sizes of bags, and what is done bag by bag to a table of rows.

    Args:
        sizes: (b,) int64, the rows of each bag, 1 or more.

    Raises:
        DataError: a bag is empty.
        TypeError: the sizes are no list of whole numbers.

    Example:
        >>> bags = Bags(torch.tensor([2, 1]))
        >>> bags.sum(torch.tensor([[1.0], [2.0], [5.0]])).flatten().tolist()
        [3.0, 5.0]
    """

    def __init__(self, sizes: Tensor) -> None:
        if sizes.dim() != 1 or sizes.dtype != torch.int64:
            raise TypeError(f"Sizes of bags are (b,) int64; got {tuple(sizes.shape)} {sizes.dtype}.")
        empty = torch.nonzero(sizes < 1).flatten()
        if len(empty):
            raise DataError("A bag needs at least one cell.", where=f"bag {int(empty[0])}", more=len(empty) - 1)
        self.sizes = sizes

    @cached_property
    def _sizes(self) -> list[int]:
        """The sizes as plain numbers, fetched from the device once."""
        sizes: list[int] = self.sizes.tolist()
        return sizes

    @property
    def number(self) -> int:
        """How many bags there are."""
        return int(self.sizes.shape[0])

    @cached_property
    def rows(self) -> int:
        """How many rows there are in all."""
        return int(self.sizes.sum())

    @cached_property
    def index(self) -> Tensor:
        """The bag of each row, (n,) int64."""
        return torch.repeat_interleave(torch.arange(self.number, device=self.sizes.device), self.sizes)

    @cached_property
    def starts(self) -> Tensor:
        """The first row of each bag, (b,) int64."""
        return torch.cumsum(self.sizes, 0) - self.sizes

    def repeated(self, times: int) -> Bags:
        """Return the bags of a table in which each row has become so many."""
        return Bags(self.sizes * times)

    def split(self, values: Tensor) -> tuple[Tensor, ...]:
        """Return the rows of each bag, (size, c) each."""
        return torch.split(values, self._sizes)

    def spread(self, values: Tensor) -> Tensor:
        """Return each bag's value on all of its rows, (b, c) to (n, c)."""
        each = zip(values, self._sizes, strict=True)
        return torch.cat([one.expand(size, *one.shape) for one, size in each])

    def sum(self, values: Tensor) -> Tensor:
        """Return the sum of each bag, (n, c) to (b, c).

        Each bag is added up by itself: the same to the last bit whoever else is in the batch, on a GPU too (where
        ``index_add`` is not), and without the rounding of one long chain of additions.
        """
        return torch.stack([rows.sum(dim=0) for rows in self.split(values)])

    def mean(self, values: Tensor) -> Tensor:
        """Return the mean of each bag, (n, c) to (b, c)."""
        return torch.stack([rows.mean(dim=0) for rows in self.split(values)])

    def largest(self, values: Tensor) -> Tensor:
        """Return the largest value of each bag and column, (n, c) to (b, c); equals share its gradient."""
        return torch.stack([rows.amax(dim=0) for rows in self.split(values)])

    def log_sum_exp(self, values: Tensor) -> Tensor:
        """Return, column by column, ``log(sum(exp(values)))`` of each bag without overflow, (n, c) to (b, c)."""
        return torch.stack([torch.logsumexp(rows, dim=0) for rows in self.split(values)])

    def softmax(self, scores: Tensor) -> Tensor:
        """Return, column by column, shares that sum to 1 in each bag, (n, c) to (n, c)."""
        return torch.cat([torch.softmax(rows, dim=0) for rows in self.split(scores)])

    def __repr__(self) -> str:
        return f"Bags: {self.number} of {int(self.sizes.min())} to {int(self.sizes.max())} rows"
