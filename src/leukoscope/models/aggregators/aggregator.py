"""What every aggregator is: from the values of a bag's instances to the bag's value."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

from torch import Tensor, nn

from leukoscope.errors import SettingsError
from leukoscope.models.bags import Bags


class Aggregator(nn.Module):
    """From the values of a bag's instances to one value a bag.

    Instances may be cells or the pixels of their feature maps; an aggregator does not know. Bags may be of any size
    from one instance on, and neither the order of the instances nor other bags in the batch change a bag's value in
    evaluation mode. ``leukoscope.testing.check_aggregator`` tries all that this class promises.

    A constructor takes these three, by place or name; an aggregator's own options are keywords behind them.

    Args:
        features: Length of an instance's feature vector, which ``project`` is given.
        outputs: Columns of what is aggregated: logits, or features where these are aggregated.
        seed: Seed of random weights.

    Attributes:
        assumption: When it is right, in a sentence.
        linear: Whether it is linear in the values, its weights depending on nothing but the features and summing to 1:
            then aggregating logits and aggregating features give the same.
        multiclass: Whether it makes sense for more than one column.
        stop_gradient: Whether its weights are computed of the values without gradient; the gradient of a bag's value
            is then the weights.
        projected: How many further numbers it needs of each instance, computed of the instance's features alone.

    Raises:
        SettingsError: there are more columns than it is made for.
    """

    assumption: ClassVar[str]
    linear: ClassVar[bool] = False
    multiclass: ClassVar[bool] = True
    stop_gradient: ClassVar[bool] = False
    projected: int = 0

    def __init__(self, features: int = 0, outputs: int = 1, seed: int = 0) -> None:  # noqa: ARG002 - as all of them
        super().__init__()
        if outputs > 1 and not self.multiclass:
            raise SettingsError(
                f"{type(self).__name__} aggregates one logit, that of two classes; it is given {outputs} columns.",
                where="bag.aggregator",
                do="Aggregate the logits of two classes (bag.order: logits), or choose another aggregator: attention.",
            )

    def width(self, columns: int) -> int:
        """Return how many columns a bag's value has where an instance's has so many.

        As many, but for aggregators that say several things of each column: these aggregate features, never logits.
        """
        return columns

    def project(self, features: Tensor) -> Tensor:
        """Return the further numbers of each instance, (n, d) to (n, projected).

        Row by row: the cells of one bag may come in several chunks.
        """
        return features[:, :0]

    @abstractmethod
    def forward(self, values: Tensor, bags: Bags, projected: Tensor) -> Tensor:
        """Return each bag's value.

        Args:
            values: (n, c), logits, or features where these are aggregated.
            bags: Which rows belong together.
            projected: (n, projected), what ``project`` made of the instances' features.

        Returns:
            (b, ``width(c)``), of the values' dtype.
        """

    def evidence(self, values: Tensor, bags: Bags, projected: Tensor) -> Tensor | None:
        """Return what each instance adds to its bag's value, (n, ``width(c)``), summing to it; None where none does."""
        weights = self.weights(values, bags, projected)
        return None if weights is None else values * weights

    def weights(self, values: Tensor, bags: Bags, projected: Tensor) -> Tensor | None:  # noqa: ARG002 - the contract
        """Return each instance's share in its bag, (n, c), summing to 1; None where there are no shares."""
        return None
