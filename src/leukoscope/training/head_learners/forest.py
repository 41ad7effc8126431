"""A random forest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.ensemble import RandomForestClassifier

from leukoscope.facts.folds import Ints
from leukoscope.facts.logistic import Floats
from leukoscope.models.fitted import ForestScores, filled

TREES, FEWER = 100, 30
"""Trees of a forest, and of one that is only to tell which leaves do better."""
LEAVES = (10, 3, 1)
"""Cells that a leaf must have; the more, the smoother."""


class ForestLearner:
    """Grows trees on bootstrap samples of the cells, the root of the inputs looked at for each split.

    Args:
        option: Place in ``LEAVES``.
    """

    def __init__(self, option: int) -> None:
        self.leaf = LEAVES[option]

    @staticmethod
    def options() -> int:
        """Return the number of sizes of leaves."""
        return len(LEAVES)

    def fit(self, seen: Floats, truth: Ints, weights: Floats, *, seed: int, quick: bool = False) -> ForestScores:
        """Learn from cells, as ``Learner.fit`` says; the trees do not depend on the number of processors."""
        grower = RandomForestClassifier(
            FEWER if quick else TREES, min_samples_leaf=self.leaf, random_state=seed, n_jobs=-1
        )
        found = grower.fit(seen, truth, sample_weight=weights)
        trees = [tree.tree_ for tree in found.estimators_]
        classes = len(found.classes_)
        room = ForestScores(
            seen.shape[1],
            1 if classes == 2 else classes,  # noqa: PLR2004
            sum(tree.node_count for tree in trees),
            len(trees),
        )
        return filled(room, _nodes(trees))


def _nodes(trees: Sequence[Any]) -> dict[str, np.ndarray]:
    """Return all nodes, tree by tree, as ``ForestScores`` has them."""
    roots = np.cumsum([0, *(tree.node_count for tree in trees[:-1])])
    left, right, feature, shares = [], [], [], []
    for root, tree in zip(roots, trees, strict=True):
        leaf, own = tree.children_left < 0, np.arange(tree.node_count)
        left.append(root + np.where(leaf, own, tree.children_left))
        right.append(root + np.where(leaf, own, tree.children_right))
        feature.append(np.where(leaf, 0, tree.feature))
        shares.append(tree.value[:, 0] / tree.value[:, 0].sum(axis=1, keepdims=True))
    numbers = {"left": left, "right": right, "feature": feature}
    return {
        **{name: np.concatenate(each).astype(np.int32) for name, each in numbers.items()},
        "roots": roots.astype(np.int32),
        "threshold": np.concatenate([tree.threshold for tree in trees]),
        "shares": np.concatenate(shares),
    }
