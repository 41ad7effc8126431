"""The largest of all instances."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor

from leukoscope.models.aggregators.aggregator import Aggregator
from leukoscope.models.bags import Bags


class Max(Aggregator):
    """The maximum, column by column: the highest instance decides alone.

    ``z = max(v_i)``; the standard multiple-instance assumption of Dietterich, Lathrop & Lozano-Perez (1997). Instances
    that are equally high share the weight.
    """

    assumption: ClassVar[str] = (
        "One malignant cell makes the patient positive, and a healthy patient has none: the standard assumption."
    )

    def forward(self, values: Tensor, bags: Bags, projected: Tensor) -> Tensor:  # noqa: ARG002 - the contract
        """Return the largest value of each bag, (b, c)."""
        return bags.largest(values)

    def weights(self, values: Tensor, bags: Bags, projected: Tensor) -> Tensor:  # noqa: ARG002 - the contract
        """Return 1 for a bag's highest instance, else 0, (n, c); the m that are equally high have 1 / m each."""
        highest = (values == bags.spread(bags.largest(values))).to(values.dtype)
        return highest / bags.spread(bags.sum(highest))
