"""A network that can become a graph: parts that ask for sizes or values in Python give way to ones that do not.

A substitute has the tensors of the part that it stands for, and says the same. A new one is a class here, or in a file
beside, and a line in ``SUBSTITUTES``.
"""

from __future__ import annotations

import copy
from typing import Any

import torch
from torch import Tensor, nn

from leukoscope.exporting.bags import MeanAndSpreadInGraph, SelfAttentionInGraph, TopAndBottomKInGraph, TopKInGraph
from leukoscope.models.aggregators.mean_and_spread import MeanAndSpread
from leukoscope.models.aggregators.self_attention import SelfAttention
from leukoscope.models.aggregators.top_and_bottom_k import TopAndBottomK
from leukoscope.models.aggregators.top_k import TopK
from leukoscope.models.fitted.forest import ForestScores
from leukoscope.models.fitted.head import FittedHead
from leukoscope.models.network import Network


class FittedHeadInGraph(FittedHead):
    """A head that was fitted at once, over all cells together."""

    def forward(self, features: Tensor) -> Tensor:
        """Return logits, (n, outputs), of (n, features), in the dtype of these."""
        logits: Tensor = self.slope * self.scores(self.inputs(features)) + self.bias
        return logits.to(features.dtype)


class ForestInGraph(ForestScores):
    """A random forest whose deepest path is known beforehand."""

    depth: int

    def prepare(self) -> None:
        """Find how many steps the longest path has."""
        node, self.depth = self.roots.long(), 0
        while True:
            below = torch.unique(torch.cat([self.left.long()[node], self.right.long()[node]]))
            if torch.equal(below, torch.unique(node)):
                return
            node, self.depth = below, self.depth + 1

    def probabilities(self, z: Tensor) -> Tensor:
        """Return the mean shares, (n, classes) float64, of (n, inputs) float64; they sum to 1."""
        seen = z.float().double()  # trees are grown on float32
        node = self.roots.long().expand(z.shape[0], -1)
        left, right, feature = self.left.long(), self.right.long(), self.feature.long()
        for _ in range(self.depth):
            goes_left = seen.gather(1, feature[node]) <= self.threshold[node]
            node = torch.where(goes_left, left[node], right[node])
        return self.shares[node].mean(dim=1)


SUBSTITUTES: dict[type[nn.Module], type[Any]] = {
    TopK: TopKInGraph,
    TopAndBottomK: TopAndBottomKInGraph,
    MeanAndSpread: MeanAndSpreadInGraph,
    SelfAttention: SelfAttentionInGraph,
    FittedHead: FittedHeadInGraph,
    ForestScores: ForestInGraph,
}


def for_graph(network: Network) -> Network:
    """Return a copy of a network, on the processor and in evaluation mode, of which a graph can be made.

    Args:
        network: The network; left as it is.
    """
    copied = copy.deepcopy(network).cpu().to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]
    for module in copied.modules():
        kind = SUBSTITUTES.get(type(module))
        if kind is not None:
            module.__class__ = kind
        if isinstance(module, ForestInGraph):
            module.prepare()
    ready: Network = copied.eval().requires_grad_(requires_grad=False)
    return ready
