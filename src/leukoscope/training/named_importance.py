"""What a fitted head goes by: how much worse it gets at cells it did not learn from where one measure tells nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from leukoscope.facts.folds import Ints
from leukoscope.facts.logistic import Floats
from leukoscope.randomness import generator
from leukoscope.training.head_line import log_loss_of

REPEATS = 3
NETWORK = "network"
"""The name of all features of a network together, which have no names of their own."""

Said = Callable[[Floats], Floats]


@dataclass(frozen=True)
class NamedImportance:
    """What one named measure counts for.

    Args:
        name: Of the measure; ``network`` for a network's features together.
        loss: By how much the log-loss grows where its values are dealt anew among the cells, the mean over deals.
        deviation: The standard deviation of that over deals.
    """

    name: str
    loss: float
    deviation: float


def importance_of(
    said: Sequence[tuple[Said, Ints]],
    logits: Said,
    vectors: Floats,
    truth: Ints,
    weights: Floats,
    *,
    names: Sequence[str],
    pooled: int,
    seed: int,
) -> list[NamedImportance]:
    """Say what each named measure counts for, on cells that were not learnt from.

    Breiman 2001 (Machine Learning 45:5, section 10): the values of one measure are permuted among the cells, and the
    head asked again. Two measures that tell the same stand in for each other, and neither counts for much then.

    Args:
        said: For each fold what gives scores, (m, s), of features, (m, f), and the rows of the cells left out there.
        logits: From scores to logits.
        vectors: (n, f), the cells' features; named measures stand behind the network's.
        truth: (n,) int64.
        weights: (n,), what each cell weighs.
        names: Of the measures; of none there is nothing to say.
        pooled: How many of the features are a network's.
        seed: Of the permutations.

    Returns:
        One a measure, and one for the network's features together where there are some, the largest loss first.
    """
    columns = {name: np.array([pooled + place]) for place, name in enumerate(names)}
    if pooled and names:
        columns = {NETWORK: np.arange(pooled), **columns}
    found, before = [], _loss(said, logits, vectors, truth, weights)
    for name, own in columns.items():
        losses = []
        for repeat in range(REPEATS):
            dealt = vectors.copy()
            for fold, (_, rows) in enumerate(said):
                order = generator(seed, "importance", name, repeat, fold).permutation(len(rows))
                dealt[np.ix_(rows, own)] = vectors[np.ix_(rows[order], own)]
            losses.append(_loss(said, logits, dealt, truth, weights) - before)
        found.append(NamedImportance(name, float(np.mean(losses)), float(np.std(losses))))
    return sorted(found, key=lambda each: -each.loss)


def _loss(said: Sequence[tuple[Said, Ints]], logits: Said, vectors: Floats, truth: Ints, weights: Floats) -> float:
    values = np.concatenate([logits(scores(vectors[rows])) for scores, rows in said])
    order = np.concatenate([rows for _, rows in said])
    return log_loss_of(values, truth[order], weights[order])
