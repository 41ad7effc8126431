"""The mean of the highest instances."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor

from leukoscope.models.aggregators.aggregator import Aggregator
from leukoscope.models.aggregators.highest import shares_of_highest
from leukoscope.models.aggregators.how_many import how_many
from leukoscope.models.bags import Bags


class TopK(Aggregator):
    """The mean of the k highest instances, column by column; of all where there are fewer.

    ``z = sum(v_i, i among the k highest) / min(k, n)``; Grisi & Schmidt-Mengin, Classification of Lymphocytosis from
    Blood Cells, whose longer report takes one k in training and another afterwards, and k as a share of the bag.

    Args:
        features: As of every aggregator; not used.
        outputs: As of every aggregator.
        seed: As of every aggregator; not used.
        k: How many, 1 or more; 10 where neither this nor ``share`` is given.
        share: Instead of ``k``, above 0 to 1: the ``max(at_least, ceil(share * n))`` highest of n instances.
        at_least: The fewest with ``share``; 1 where not given.
        k_train: How many in training mode; as in evaluation where not given.

    Raises:
        SettingsError: an option is wrong.
    """

    assumption: ClassVar[str] = (
        "A positive patient has at least k malignant cells, or this share of them, among others."
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
        self.number = how_many("top_k", k, share, at_least, k_train)

    def forward(self, values: Tensor, bags: Bags, projected: Tensor) -> Tensor:
        """Return the mean of each bag's highest instances, (b, c)."""
        return bags.sum(values * self.weights(values, bags, projected))

    def weights(self, values: Tensor, bags: Bags, projected: Tensor) -> Tensor:  # noqa: ARG002 - the contract
        """Return 1 / k for the k highest instances of a bag and 0 for the others, (n, c)."""
        return shares_of_highest(values, bags, self.number, training=self.training)
