"""Weights of the units in each replicate of the bootstrap."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from leukoscope.evaluation.units import Floats, Ints, Units
from leukoscope.randomness import generator

TOGETHER = 50
REDRAWS = 100


def replicate_weights(units: Units, holding: npt.NDArray[np.bool_], replicates: int, seed: int) -> Iterator[Floats]:
    """Draw units with replacement within each stratum, a block of replicates at a time.

    Of the n units of a stratum n - 1 are drawn, each with weight n / (n - 1), so that the variance of a mean is that
    of a sample rather than (n - 1) / n of it (McCarthy & Snowden 1985, Vital and Health Statistics 2:95); the only unit
    of a stratum keeps weight 1. A replicate in which a class of two or more units has no unit is drawn again, so that
    none is void. Weights depend on the seed and the replicate's number, not on how many are drawn.

    Args:
        units: The units and their strata, G of them.
        holding: Which units hold rows of each class, (k, G).
        replicates: How many replicates to draw in all.
        seed: The seed.

    Yields:
        Weights, (G, b) float64, of up to 50 replicates.
    """
    needed = holding[holding.sum(axis=1) > 1].astype(np.float64)
    strata = units.members()
    for block, first in enumerate(range(0, replicates, TOGETHER)):
        random = generator(seed, "bootstrap", block)
        weights = _draw(strata, units.number, TOGETHER, random)
        for _ in range(REDRAWS):
            void = np.flatnonzero(((needed @ weights) == 0).any(axis=0))
            if not len(void):
                break
            weights[:, void] = _draw(strata, units.number, len(void), random)
        yield np.ascontiguousarray(weights[:, : replicates - first])


def _draw(strata: list[Ints], number: int, replicates: int, random: np.random.Generator) -> Floats:
    weights = np.ones((number, replicates))
    for members in strata:
        size = len(members)
        if size > 1:
            drawn = random.integers(size, size=(replicates, size - 1)) + size * np.arange(replicates)[:, None]
            counts = np.bincount(drawn.ravel(), minlength=replicates * size).reshape(replicates, size)
            weights[members] = counts.T * (size / (size - 1))
    return weights
