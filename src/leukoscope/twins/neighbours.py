"""The nearest vectors of each vector: all pairs are looked at, block by block, in bounded memory."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from leukoscope.progress import progress

ROWS, COLUMNS = 1024, 4096
"""A block of products: 16 MB."""


def nearest(vectors: np.ndarray, count: int, workers: int) -> np.ndarray:
    """Return the pairs of rows of which one is among the ``count`` nearest of the other, (m, 2) int64, sorted.

    Exact: every product is computed. Time grows with the square of the number of vectors, memory with the number.

    Args:
        vectors: (n, length) float32 of length 1.
        count: How many neighbours of each.
        workers: Threads; the result does not depend on it.
    """
    total = len(vectors)
    count = min(count, total - 1)
    if count < 1:
        return np.empty((0, 2), dtype=np.int64)
    starts = range(0, total, ROWS)
    keys = []
    with progress("Comparing fingerprints", total) as advance, ThreadPoolExecutor(workers) as pool:
        for found in pool.map(lambda start: _of_rows(vectors, start, count), starts):
            keys.append(np.unique(found.min(axis=1) * total + found.max(axis=1)))
            advance(min(ROWS, total))
    unique = np.unique(np.concatenate(keys))
    return np.stack([unique // total, unique % total], axis=1)


def _of_rows(vectors: np.ndarray, start: int, count: int) -> np.ndarray:
    """Return (rows * count, 2): row and neighbour."""
    rows = vectors[start : start + ROWS]
    values = np.full((len(rows), count), -np.inf, dtype=np.float32)
    places = np.zeros((len(rows), count), dtype=np.int64)
    memory = np.empty(
        len(rows) * COLUMNS, dtype=np.float32
    )  # fresh memory for each block would take half as long again
    for left in range(0, len(vectors), COLUMNS):
        columns = vectors[left : left + COLUMNS]
        products = memory[: len(rows) * len(columns)].reshape(len(rows), len(columns))
        np.matmul(rows, columns.T, out=products)
        own = np.arange(len(rows)) + start - left
        inside = (own >= 0) & (own < products.shape[1])
        products[np.flatnonzero(inside), own[inside]] = -np.inf  # a picture is not its own twin
        values, places = _best(values, places, products, left)
    return np.stack([np.repeat(np.arange(len(rows)) + start, count), places.ravel()], axis=1)


def _best(values: np.ndarray, places: np.ndarray, products: np.ndarray, left: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the best of those that are known and those of a further block; of equal ones the first."""
    count = values.shape[1]
    if np.isneginf(values[:, -1]).any():  # the first blocks fill the list
        kept = min(count, products.shape[1])
        columns = np.sort(np.argpartition(-products, kept - 1, axis=1)[:, :kept], axis=1)
        rows = np.repeat(np.arange(len(products)), kept)
        columns = columns.ravel()
    else:
        rows, columns = np.divmod(np.flatnonzero(products > values[:, -1:]), products.shape[1])
    if not len(rows):
        return values, places
    row = np.concatenate([np.repeat(np.arange(len(values)), count), rows])
    value = np.concatenate([values.ravel(), products[rows, columns]])
    place = np.concatenate([places.ravel(), columns + left])
    order = np.lexsort((place, -value, row))
    first = np.searchsorted(row[order], np.arange(len(values)))
    chosen = order[first[:, None] + np.arange(count)]
    return value[chosen], place[chosen]
