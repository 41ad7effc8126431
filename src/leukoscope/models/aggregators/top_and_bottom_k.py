"""The mean of the highest and the lowest instances."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor

from leukoscope.models.aggregators.aggregator import Aggregator
from leukoscope.models.aggregators.highest import shares_of_highest
from leukoscope.models.aggregators.how_many import how_many
from leukoscope.models.bags import Bags


class TopAndBottomK(Aggregator):
    """Halfway between the mean of the k highest and the mean of the k lowest instances, column by column.

    ``z = (mean of the k highest + mean of the k lowest) / 2``; Durand, Thome & Cord (WELDON, 2016), tried by Grisi &
    Schmidt-Mengin. In a bag of fewer than 2 k instances those in the middle are among both and count twice; in one of
    k or fewer all are, which gives the mean.

    Args:
        features: As of every aggregator; not used.
        outputs: As of every aggregator.
        seed: As of every aggregator; not used.
        k: How many at each end, 1 or more; 10 where neither this nor ``share`` is given.
        share: Instead of ``k``, above 0 to 1: the ``max(at_least, ceil(share * n))`` highest and lowest of n instances.
        at_least: The fewest with ``share``; 1 where not given.
        k_train: How many in training mode; as in evaluation where not given.

    Raises:
        SettingsError: an option is wrong.
    """

    assumption: ClassVar[str] = (
        "A positive patient has some malignant cells, and the cells that speak most against it count as much."
    )

    def __init__(
        self,
        features: int = 0,
        outputs: int = 1,
        seed: int = 0,
        *,
        k: int | None = None,
        share: float | None = None,
        at_least: int | None = None,
        k_train: int | None = None,
    ) -> None:
        super().__init__(features, outputs, seed)
        self.number = how_many("top_and_bottom_k", k, share, at_least, k_train)

    def forward(self, values: Tensor, bags: Bags, projected: Tensor) -> Tensor:
        """Return the mean of each bag's two ends, (b, c)."""
        return bags.sum(values * self.weights(values, bags, projected))

    def weights(self, values: Tensor, bags: Bags, projected: Tensor) -> Tensor:  # noqa: ARG002 - the contract
        """Return 1 / 2k for the k highest and for the k lowest instances of a bag (both add up), else 0, (n, c)."""
        top = shares_of_highest(values, bags, self.number, training=self.training)
        bottom = shares_of_highest(values, bags, self.number, training=self.training, lowest=True)
        return (top + bottom) / 2
