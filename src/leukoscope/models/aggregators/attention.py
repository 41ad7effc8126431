"""A mean whose weights a small network reads off each instance's features."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor

from leukoscope.models.aggregators.aggregator import Aggregator
from leukoscope.models.aggregators.layers import generator_of, linear
from leukoscope.models.aggregators.options import whole
from leukoscope.models.bags import Bags


class Attention(Aggregator):
    """Attention: a learned score of each instance's features says how much it counts.

    ``z = sum(a_i v_i)`` with ``a = softmax(w' tanh(V h_i))`` over the bag; Ilse, Tomczak & Welling, Attention-based
    Deep Multiple Instance Learning, 2018, arXiv:1802.04712, equation 8. All columns share the weights.

    Args:
        features: Length of an instance's feature vector h.
        outputs: As of every aggregator.
        seed: Seed of the weights.
        hidden: Rows of V.

    Raises:
        SettingsError: ``hidden`` is wrong.
    """

    assumption: ClassVar[str] = "What a cell looks like says how much it tells, apart from what it tells."
    linear: ClassVar[bool] = True
    projected = 1

    def __init__(self, features: int, outputs: int = 1, seed: int = 0, *, hidden: int = 128) -> None:
        super().__init__(features, outputs, seed)
        generator = generator_of(seed)
        self.view = linear(features, whole("attention", "hidden", hidden), generator)
        # Without bias: the softmax takes no notice of one.
        self.score = linear(hidden, 1, generator, bias=False)

    def project(self, features: Tensor) -> Tensor:
        """Return each instance's score, (n, d) to (n, 1)."""
        scores: Tensor = self.score(torch.tanh(self.view(features)))
        return scores

    def forward(self, values: Tensor, bags: Bags, projected: Tensor) -> Tensor:
        """Return each bag's weighted mean, (b, c)."""
        return bags.sum(values * self.weights(values, bags, projected))

    def weights(self, values: Tensor, bags: Bags, projected: Tensor) -> Tensor:
        """Return the softmax of the bag's scores, the same in all columns, (n, c)."""
        return bags.softmax(projected).expand_as(values)
