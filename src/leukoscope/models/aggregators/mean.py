"""The mean of all instances."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor

from leukoscope.models.aggregators.aggregator import Aggregator
from leukoscope.models.bags import Bags


class Mean(Aggregator):
    """The mean: every instance counts the same.

    ``z = sum(v_i) / n``
    """

    assumption: ClassVar[str] = "Every cell carries some of the disease, or none does: the collective assumption."
    linear: ClassVar[bool] = True

    def forward(self, values: Tensor, bags: Bags, projected: Tensor) -> Tensor:  # noqa: ARG002 - the contract
        """Return the mean of each bag, (b, c)."""
        return bags.mean(values)

    def weights(self, values: Tensor, bags: Bags, projected: Tensor) -> Tensor:  # noqa: ARG002 - the contract
        """Return 1 / n for each of a bag's n instances, (n, c)."""
        return (1 / bags.sizes.to(values.dtype))[bags.index].unsqueeze(1).expand_as(values)
