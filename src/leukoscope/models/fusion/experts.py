"""A mixture of two experts: one looks at the pictures, one at the facts, and a gate says whom to believe."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor

from leukoscope.models.fusion.fusion import Fusion, image_logits, silent

TRUST = 2.0  # of the gate's logit at the start: the pictures' expert has 0.88 of the say


class Experts(Fusion):
    """logits = g (A v + a) + (1 - g) (B x + b), with the gate g = sigmoid(c . [v, x] + d), of the vector v and facts x.

    Jacobs, Jordan, Nowlan & Hinton 1991 (Neural Computation 3:79); for lymphocytosis Sahasrabudhe et al. 2021 (IEEE J
    Biomed Health Inform 25:2125), who mix pictures' and clinical experts. Here logits are mixed, not probabilities, so
    that any loss of the logits serves. The gate is one number a patient, for all classes.

    Args:
        vector: Length of the patient's vector.
        facts: Number of the encoded facts' columns.
        outputs: Number of logits.
        seed: Seed of the weights.
    """

    source: ClassVar[str] = "Jacobs et al. 1991, Neural Computation 3:79; Sahasrabudhe et al. 2021"

    def __init__(self, vector: int, facts: int, outputs: int, seed: int) -> None:
        super().__init__(vector, facts, outputs, seed)
        self.image = image_logits(vector, outputs, seed)
        self.facts_layer = silent(facts, outputs, bias=0.0)
        self.gate = silent(vector + facts, 1, bias=TRUST)

    def fuse(self, vector: Tensor, facts: Tensor) -> Tensor:
        """Return the logits, (b, outputs)."""
        share = self.share(vector, facts)
        logits: Tensor = share * self.image(vector) + (1 - share) * self.facts_layer(facts)
        return logits

    def share(self, vector: Tensor, facts: Tensor) -> Tensor:
        """Return how far the pictures' expert is believed, (b, 1), 0 to 1."""
        return torch.sigmoid(self.gate(torch.cat([vector, facts], dim=1)))
