"""Which pictures may be twins: every fingerprint against every other."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

from leukoscope.twins.invariants import vectors
from leukoscope.twins.neighbours import nearest
from leukoscope.twins.portraits import unpack
from leukoscope.twins.turning import similarity

SIMILAR = 0.45
"""Similarity of portraits from which on the pixels are looked at."""
NEIGHBOURS, IN_ALL = 10, 400_000
"""Neighbours of each picture whose portraits are compared: at least 10, and more while there are few pictures (up to
400,000 comparisons in all, which is every pair of 630 pictures)."""
BLOCK = 4096


@dataclass(frozen=True, eq=False)
class Proposals:
    """Pairs of fingerprints that may be of one cell.

    Args:
        rows: (m, 2) int64, the first always the smaller; the most similar pair first.
        similarity: (m,) float32, at most 1.
        fingerprints: How many were compared.
    """

    rows: np.ndarray
    similarity: np.ndarray
    fingerprints: int

    def __repr__(self) -> str:
        return f"Proposals: {len(self.rows):,} pairs of {self.fingerprints:,} fingerprints"


# The blocks are shared out among threads already: BLAS with threads of its own would take twice as long.
@threadpool_limits.wrap(limits=1)  # type: ignore[untyped-decorator]
def propose(fingerprints: np.ndarray, *, workers: int | None = None) -> Proposals:
    """Find the pairs of fingerprints that may be of one cell, turned, mirrored, shifted or stained otherwise.

    In two steps, neither of which leaves out a pair for speed: the products of all short vectors (which know no
    angle) give the nearest of each, and of these the portraits are compared at every angle, both ways round.

    Args:
        fingerprints: (n, 768) int8, as ``fingerprint.as_array`` gives them.
        workers: Threads; one a core where None. The result does not depend on it.
    """
    total = len(fingerprints)
    if total <= 1:
        return Proposals(np.empty((0, 2), np.int64), np.empty(0, np.float32), total)
    workers = workers or os.cpu_count() or 1
    pairs = nearest(vectors(fingerprints), max(NEIGHBOURS, IN_ALL // total), workers)
    found = _similar(fingerprints, pairs, workers)
    chosen = np.flatnonzero(found >= SIMILAR)
    order = chosen[np.lexsort((pairs[chosen, 1], pairs[chosen, 0], -found[chosen]))]
    return Proposals(pairs[order], found[order], total)


def _similar(fingerprints: np.ndarray, pairs: np.ndarray, workers: int) -> np.ndarray:
    def block(start: int) -> np.ndarray:
        one, two = (unpack(fingerprints[pairs[start : start + BLOCK, side]]) for side in (0, 1))
        return similarity(one, two)

    with ThreadPoolExecutor(workers) as pool:
        return np.concatenate(list(pool.map(block, range(0, len(pairs), BLOCK))))
