"""What every fusion is: from a patient's vector and its facts to logits."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

import torch
from torch import Tensor, nn

from leukoscope.errors import DataError
from leukoscope.randomness import integer

SMALL = 0.01


class Fusion(nn.Module):
    """From a patient's vector and its encoded facts to logits; each patient by itself.

    Fresh weights give the image's own logit, or nearly: where the vector is the aggregated logits it is passed on as it
    is; where it is aggregated features, a small linear map makes logits of it, as a fresh head does. The facts start
    without a say and earn it.

    Args:
        vector: Length v of the patient's vector.
        facts: Number f of the encoded facts' columns.
        outputs: Number of logits.
        seed: Seed of the weights.

    Attributes:
        source: Where it comes from.
    """

    source: ClassVar[str]

    def __init__(self, vector: int, facts: int, outputs: int, seed: int) -> None:  # noqa: ARG002 - the subclasses'
        super().__init__()
        self.facts = facts

    def forward(self, vector: Tensor, facts: Tensor | None) -> Tensor:
        """Return patients' logits.

        Args:
            vector: (b, v), aggregated logits or features.
            facts: (b, f), as ``FactsEncoder.encode`` returns them.

        Returns:
            (b, outputs).

        Raises:
            DataError: there are no facts, or of another number of columns.
        """
        if facts is None or facts.shape[1] != self.facts:
            found = "none" if facts is None else str(facts.shape[1])
            raise DataError(
                f"This network takes {self.facts} columns of facts a patient; found {found}.",
                do="Give the patients' table with the facts that the network was trained with.",
            )
        return self.fuse(vector, facts)

    @abstractmethod
    def fuse(self, vector: Tensor, facts: Tensor) -> Tensor:
        """Return what ``forward`` does, of facts that are there."""


def image_logits(vector: int, outputs: int, seed: int) -> nn.Linear:
    """Make the linear map from the patient's vector to logits: the identity of logits, small random of features."""
    layer = nn.Linear(vector, outputs)
    if vector == outputs:
        nn.init.eye_(layer.weight)
    else:
        generator = torch.Generator().manual_seed(integer(seed, "fusion"))
        nn.init.normal_(layer.weight, std=SMALL, generator=generator)
    nn.init.zeros_(layer.bias)
    return layer


def silent(inputs: int, outputs: int, *, bias: float | None = None) -> nn.Linear:
    """Make a linear map whose weights start at zero.

    Args:
        inputs: Length of what it takes.
        outputs: Length of what it gives.
        bias: Its bias at the start; None for no bias.
    """
    layer = nn.Linear(inputs, outputs, bias=bias is not None)
    nn.init.zeros_(layer.weight)
    if bias is not None:
        nn.init.constant_(layer.bias, bias)
    return layer
