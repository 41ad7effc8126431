"""Attention whose scores see the whole bag."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor, nn

from leukoscope.errors import SettingsError
from leukoscope.models.aggregators.aggregator import Aggregator
from leukoscope.models.aggregators.layers import generator_of, linear
from leukoscope.models.aggregators.mixing import Mixing
from leukoscope.models.aggregators.options import whole
from leukoscope.models.bags import Bags

NAME = "self_attention"


class SelfAttention(Aggregator):
    """Attention over instances that have looked at each other first.

    Each instance's features become a small token; one or more layers of self-attention mix the tokens of a bag; then
    ``z = sum(a_i v_i)`` with ``a = softmax(w' tanh(t_i))`` over the bag's mixed tokens t. After Rymarczyk et al.,
    Kernel Self-Attention for Weakly-supervised Image Classification, 2021, arXiv:2005.12991, but what is pooled is
    the values themselves, so that there is evidence, and both orders agree. All columns share the weights.

    Time, and in training memory, grow with the square of a bag's instances: better for cells than for their pixels.

    Args:
        features: Length of an instance's feature vector.
        outputs: As of every aggregator.
        seed: Seed of the weights.
        width: Length of a token; a multiple of ``heads``.
        layers: Layers of self-attention.
        heads: Heads of each layer.
        most: The most instances that a bag may have.

    Raises:
        SettingsError: an option is wrong.
    """

    assumption: ClassVar[str] = "How much a cell tells depends on the patient's other cells: odd among them, or many."
    linear: ClassVar[bool] = True

    def __init__(
        self,
        features: int,
        outputs: int = 1,
        seed: int = 0,
        *,
        width: int = 32,
        layers: int = 1,
        heads: int = 4,
        most: int = 4096,
    ) -> None:
        super().__init__(features, outputs, seed)
        generator = generator_of(seed)
        if whole(NAME, "width", width) % whole(NAME, "heads", heads):
            raise SettingsError(
                f"The 'width' parameter of {NAME} must be a multiple of heads. Got {width} for {heads} heads.",
                where=f"bag.aggregator.{NAME}",
            )
        self.projected, self.most = width, whole(NAME, "most", most)
        self.tokens = linear(features, width, generator)
        self.layers = nn.Sequential(*(Mixing(width, heads, generator) for _ in range(whole(NAME, "layers", layers))))
        # Without bias: the softmax takes no notice of one.
        self.score = linear(width, 1, generator, bias=False)

    def project(self, features: Tensor) -> Tensor:
        """Return each instance's token, (n, d) to (n, width)."""
        tokens: Tensor = self.tokens(features)
        return tokens

    def forward(self, values: Tensor, bags: Bags, projected: Tensor) -> Tensor:
        """Return each bag's weighted mean, (b, c).

        Raises:
            SettingsError: a bag has more instances than ``most``.
        """
        return bags.sum(values * self.weights(values, bags, projected))

    def weights(self, values: Tensor, bags: Bags, projected: Tensor) -> Tensor:
        """Return the softmax of the bag's scores, the same in all columns, (n, c).

        Raises:
            SettingsError: a bag has more instances than ``most``.
        """
        self._refuse_large(bags)
        mixed = torch.cat([self.layers(tokens) for tokens in bags.split(projected)])
        return bags.softmax(self.score(torch.tanh(mixed))).expand_as(values)

    def _refuse_large(self, bags: Bags) -> None:
        large = torch.nonzero(bags.sizes > self.most).flatten()
        if len(large):
            raise SettingsError(
                f"A bag of {int(bags.sizes[large[0]]):,} instances is more than {NAME} takes ({self.most:,}): its time "
                "and memory grow with the square.",
                where=f"bag {int(large[0])}",
                more=len(large) - 1,
                do="Let each cell be one instance (bag.instances: cells), or take another aggregator, or raise most: "
                f"bag.aggregator: {{{NAME}: {{most: {int(bags.sizes.max())}}}}}.",
            )
