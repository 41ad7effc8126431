"""Uniform random numbers for many cells at once, from each cell's own seed: no order, no state."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from leukoscope.randomness import integer

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


def random_bits(seeds: npt.NDArray[np.uint64], purpose: str, count: int) -> npt.NDArray[np.uint64]:
    """Return 64 random bits for each seed, purpose and place.

    SplitMix64 (Steele, Lea and Flood 2014) as a counter-based generator: the cell's seed, moved by the purpose, is the
    state, the place the counter.

    Args:
        seeds: (n,) uint64.
        purpose: What they are for; other purposes give independent numbers.
        count: Numbers a seed.

    Returns:
        (n, count) uint64.
    """
    start = seeds[:, None] ^ np.uint64(integer(0, "purpose", purpose))
    mixed = start + _GOLDEN * np.arange(1, count + 1, dtype=np.uint64)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * _FIRST
    mixed = (mixed ^ (mixed >> np.uint64(27))) * _SECOND
    return np.asarray(mixed ^ (mixed >> np.uint64(31)), dtype=np.uint64)


def uniform(seeds: npt.NDArray[np.uint64], purpose: str, count: int) -> npt.NDArray[np.float64]:
    """Return numbers from 0 to below 1 for each seed, purpose and place: (n, count) float64.

    Args:
        seeds: (n,) uint64.
        purpose: What they are for.
        count: Numbers a seed.
    """
    return (random_bits(seeds, purpose, count) >> np.uint64(11)).astype(np.float64) * 2.0**-53
