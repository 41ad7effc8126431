"""Concatenation: the patient's vector and the facts side by side."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor, nn

from leukoscope.models.fusion.fusion import Fusion, image_logits, silent
from leukoscope.randomness import integer


class Concatenate(Fusion):
    """logits = A v + a + B x, of the vector v and the facts x: one linear layer on [v, x].

    With ``hidden`` units there is one more term, C relu(D [v, x] + d), in which vector and facts act on each other.
    The plain baseline of multimodal learning (Baltrusaitis, Ahuja & Morency 2019, IEEE TPAMI 41:423, early fusion).

    Args:
        vector: Length of the patient's vector.
        facts: Number of the encoded facts' columns.
        outputs: Number of logits.
        seed: Seed of the weights.
        hidden: Number of hidden units; 0 for none.
    """

    source: ClassVar[str] = "Baltrusaitis, Ahuja & Morency 2019, IEEE TPAMI 41:423"

    def __init__(self, vector: int, facts: int, outputs: int, seed: int, *, hidden: int = 0) -> None:
        super().__init__(vector, facts, outputs, seed)
        self.image = image_logits(vector, outputs, seed)
        self.facts_layer = silent(facts, outputs)
        self.first = _first(vector + facts, hidden, seed) if hidden else None
        self.second = silent(hidden, outputs) if hidden else None

    def fuse(self, vector: Tensor, facts: Tensor) -> Tensor:
        """Return the logits, (b, outputs)."""
        logits: Tensor = self.image(vector) + self.facts_layer(facts)
        if self.first is not None and self.second is not None:
            logits = logits + self.second(torch.relu(self.first(torch.cat([vector, facts], dim=1))))
        return logits


def _first(inputs: int, hidden: int, seed: int) -> nn.Linear:
    layer = nn.Linear(inputs, hidden)
    generator = torch.Generator().manual_seed(integer(seed, "fusion", "hidden"))
    nn.init.kaiming_normal_(layer.weight, nonlinearity="relu", generator=generator)
    nn.init.zeros_(layer.bias)
    return layer
