"""A smooth maximum, between the mean and the largest."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor

from leukoscope.models.aggregators.aggregator import Aggregator
from leukoscope.models.aggregators.options import positive
from leukoscope.models.bags import Bags


class LogSumExp(Aggregator):
    """The logarithm of the mean exponential, column by column: near the mean for a small sharpness, else the maximum.

    ``z = log(sum(exp(r v_i)) / n) / r``; Ramon & De Raedt, Multi Instance Neural Networks, 2000, with r as in Pinheiro
    & Collobert, From Image-level to Pixel-level Labeling with Convolutional Networks, 2015, arXiv:1411.6228. There is
    no evidence: the value is no sum over instances.

    Args:
        features: As of every aggregator; not used.
        outputs: As of every aggregator.
        seed: As of every aggregator; not used.
        sharpness: r, above 0.

    Raises:
        SettingsError: the sharpness is wrong.
    """

    assumption: ClassVar[str] = "A few malignant cells suffice, and more of them make it surer."

    def __init__(self, features: int = 0, outputs: int = 1, seed: int = 0, *, sharpness: float = 5.0) -> None:
        super().__init__(features, outputs, seed)
        self.sharpness = positive("log_sum_exp", "sharpness", sharpness)

    def forward(self, values: Tensor, bags: Bags, projected: Tensor) -> Tensor:  # noqa: ARG002 - the contract
        """Return each bag's smooth maximum, (b, c)."""
        sizes = bags.sizes.to(values.dtype).unsqueeze(1)
        return (bags.log_sum_exp(values * self.sharpness) - sizes.log()) / self.sharpness
