"""A random forest, as tensors: all nodes of all trees one behind the other."""

from __future__ import annotations

from typing import Self

import torch
from torch import Tensor, nn

from leukoscope.errors import counted
from leukoscope.models.fitted.room import Shapes, length_of, numbers, places

LEAST = 1e-3
"""A class that no tree has seen where a cell falls is still given so much, so that its logarithm is a number."""


class ForestScores(nn.Module):
    """The mean, over trees, of the classes' shares in the leaf where a cell falls, as log-odds or logarithms.

    Breiman 2001, Machine Learning 45:5. A step is a step: a value that rounds otherwise at a threshold falls into
    another leaf, and moves what the forest says by that tree's share.

    Args:
        inputs: Length of z, the vector that ``HeadInputs`` makes of a cell.
        outputs: Number of scores: 1 for two classes, else one a class.
        nodes: Number m of nodes, of all trees together.
        trees: Number t of trees.

    Attributes:
        left: (m,) int32, the place of the node where a cell goes whose feature is at most the threshold; a leaf's own.
        right: (m,) int32, of that where the others go; a leaf's own.
        feature: (m,) int32, which value of z is looked at, from 0; 0 in a leaf.
        threshold: (m,) float64; scikit-learn's mark in a leaf, where it decides nothing.
        shares: (m, classes) float64, of each class among the cells that fell into a node in growing; they sum to 1.
        roots: (t,) int32, the place of each tree's first node.
    """

    left: Tensor
    right: Tensor
    feature: Tensor
    roots: Tensor

    def __init__(self, inputs: int, outputs: int, nodes: int = 1, trees: int = 1) -> None:
        super().__init__()
        classes = max(outputs, 2)
        self.inputs, self.outputs = inputs, outputs
        # A leaf leads to itself, left and right.
        self.register_buffer("left", places(nodes))
        self.register_buffer("right", places(nodes))
        self.register_buffer("feature", places(nodes))
        self.register_buffer("roots", places(trees))
        self.threshold = numbers(nodes)
        self.shares = numbers(nodes, classes, value=1 / classes)

    @classmethod
    def with_room(cls, inputs: int, outputs: int, shapes: Shapes) -> Self:
        """Make one with room for as many nodes and trees as the stored tensors have."""
        return cls(inputs, outputs, length_of(shapes, "feature"), length_of(shapes, "roots"))

    def holds(self) -> str:
        """Return in words what it stores: its trees and their nodes."""
        return f"{counted(len(self.roots), 'tree')} of {counted(len(self.feature), 'node')} together"

    def probabilities(self, z: Tensor) -> Tensor:
        """Return the mean shares, (n, classes) float64, of (n, inputs) float64; they sum to 1."""
        seen = z.float().double()  # trees are grown on float32
        node = self.roots.long().expand(len(z), -1)
        left, right, feature = self.left.long(), self.right.long(), self.feature.long()
        for _ in range(len(feature)):  # no path is longer; the leaves stay where they are
            goes_left = seen.gather(1, feature[node]) <= self.threshold[node]
            below = torch.where(goes_left, left[node], right[node])
            if torch.equal(below, node):
                break
            node = below
        return self.shares[node].mean(dim=1)

    def forward(self, z: Tensor) -> Tensor:
        """Return log-odds of the second of two classes, or one logarithm a class: (n, outputs) float64."""
        likely = self.probabilities(z).clamp(min=LEAST)
        if self.outputs == 1:
            return (likely[:, 1:] / likely[:, :1]).log()
        return likely.log()
