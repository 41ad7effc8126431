"""What learns, beside a joint model, whether two of its branches see cells of one class; in training only."""

from __future__ import annotations

from itertools import combinations

import torch
from torch import Tensor, nn

from leukoscope.models.joint_backbone import JointBackbone
from leukoscope.randomness import integer

WIDTH = 256


class Synergy(nn.Module):
    """A dense head for each pair of branches (Zhang et al. 2019, Medical Image Analysis 54, section 3.2).

    It takes the pooled features that one branch makes of one cell and those that the other makes of another cell, and
    gives the logit of both being of one class: a dense layer of 256 with ReLU, and a linear one.

    Args:
        backbone: The branches.
        seed: Seed of the weights, Glorot-uniform with zero biases.
    """

    def __init__(self, backbone: JointBackbone, seed: int) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(integer(seed, "synergy"))
        self.pairs = list(combinations(backbone.lengths, 2))
        lengths = [backbone.lengths[first] + backbone.lengths[second] for first, second in self.pairs]
        self.heads = nn.ModuleList(_head(length, generator) for length in lengths)

    def forward(self, features: dict[str, Tensor], partners: list[Tensor]) -> list[Tensor]:
        """Return the logits of cells and their partners being of one class, for each pair of branches.

        Args:
            features: Each branch's, (n, d) float32, by its name.
            partners: For each pair of branches, (n,) int64: the cell that the second branch sees beside each cell that
                the first one sees.

        Returns:
            (n,) float32 a pair of branches, in the order of ``pairs``.
        """
        said = []
        for (first, second), head, others in zip(self.pairs, self.heads, partners, strict=True):
            said.append(head(torch.cat([features[first], features[second][others]], dim=1))[:, 0])
        return said


def _head(length: int, generator: torch.Generator) -> nn.Sequential:
    layers = [nn.Linear(length, WIDTH), nn.Linear(WIDTH, 1)]
    for layer in layers:
        nn.init.xavier_uniform_(layer.weight, generator=generator)
        nn.init.zeros_(layer.bias)
    return nn.Sequential(layers[0], nn.ReLU(), layers[1])
