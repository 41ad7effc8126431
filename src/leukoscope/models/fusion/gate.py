"""Gating: the facts say how far each number of the patient's vector counts."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor

from leukoscope.models.fusion.fusion import Fusion, image_logits, silent


class Gate(Fusion):
    """logits = A (g * v) + a + B x, with the gate g = 2 sigmoid(G x + h), between 0 and 2, of the facts x.

    After the gated multimodal unit of Arevalo et al. 2017 (arXiv:1702.01992), whose gate of 0 to 1 also weighs the
    facts' part; twice the sigmoid starts at 1, so that a fresh gate lets the vector v through as it is, and can damp or
    amplify it.

    Args:
        vector: Length of the patient's vector.
        facts: Number of the encoded facts' columns.
        outputs: Number of logits.
        seed: Seed of the weights.
    """

    source: ClassVar[str] = "Arevalo et al. 2017, arXiv:1702.01992"

    def __init__(self, vector: int, facts: int, outputs: int, seed: int) -> None:
        super().__init__(vector, facts, outputs, seed)
        self.gate = silent(facts, vector, bias=0.0)
        self.image = image_logits(vector, outputs, seed)
        self.facts_layer = silent(facts, outputs)

    def fuse(self, vector: Tensor, facts: Tensor) -> Tensor:
        """Return the logits, (b, outputs)."""
        gated = 2 * torch.sigmoid(self.gate(facts)) * vector
        logits: Tensor = self.image(gated) + self.facts_layer(facts)
        return logits
