"""Short vectors of portraits that do not change at all when a cell is turned or mirrored.

Of each wave number the products of two rings, one of them conjugated: the angle falls out (it is in both), and
mirroring conjugates the product, so its real part stays. What is lost is how waves of different numbers lie to one
another; that is compared afterwards, portrait by portrait.
"""

from __future__ import annotations

import numpy as np

from leukoscope.twins.portraits import unpack

MERGED = 2
"""Rings that are added up first: neighbours say nearly the same."""
WAVES_USED = 16
APART = (0, 1, 2, 3)
"""How many (merged) rings lie between the two of a product."""
LENGTH = 64
FITTED_ON = 20_000
BLOCK = 4096


def vectors(packed: np.ndarray) -> np.ndarray:
    """Return the vectors of fingerprints, (n, at most LENGTH) float32 of length 1; their products tell likeness.

    They are centred on the mean of all and turned onto the axes along which these differ most (principal components),
    so they can be compared within one call only.

    Args:
        packed: (n, 768) int8, n > 0.
    """
    sample = _products(packed[:: -(-len(packed) // FITTED_ON)])
    mean = sample.mean(axis=0)
    spread = sample - mean
    _, axes = np.linalg.eigh(spread.T @ spread)
    axes = axes[:, ::-1][:, :LENGTH]
    blocks = [(_products(packed[start : start + BLOCK]) - mean) @ axes for start in range(0, len(packed), BLOCK)]
    short = np.concatenate(blocks)
    lengths = np.linalg.norm(short, axis=1, keepdims=True)
    return np.asarray(short / np.maximum(lengths, np.finfo(np.float32).tiny), dtype=np.float32)


def _products(packed: np.ndarray) -> np.ndarray:
    waves = unpack(packed)[:, :, :WAVES_USED]
    count, rings, used = waves.shape
    rings //= MERGED
    waves = waves.reshape(count, rings, MERGED, used).sum(axis=2)
    products = [(waves[:, : rings - apart] * waves[:, apart:].conj()).real.reshape(count, -1) for apart in APART]
    both = np.concatenate(products, axis=1)
    # The root, so that a few strong waves do not decide alone.
    return np.asarray(np.sign(both) * np.sqrt(np.abs(both)), dtype=np.float32)
