"""Repetitions of cells: in which order they come, and the names that they go by."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from leukoscope.errors import DataError
from leukoscope.pictures.batches import CellData, Integers
from leukoscope.randomness import integer


def drawn_order(data: CellData, index: Integers, seed: int, purpose: str, *item: object) -> Integers:
    """Return places of cells in an order that is drawn from their ids, whatever the order that they are given in.

    Args:
        data: The cells.
        index: (m,) int64, the places.
        seed: The run's.
        purpose: What the order is for.
        item: What it is drawn anew for: the epoch, say.
    """
    drawn = [integer(seed, purpose, *item, data.ids[place]) for place in index]
    return index[np.argsort(np.array(drawn, dtype=np.int64), kind="stable")]


def again(number: int) -> str:
    """Return what the name of a repetition ends with; nothing for the first.

    Example:
        >>> again(0), again(2)
        ('', ' again 2')
    """
    return f" again {number}" if number else ""


def named(data: CellData, index: Integers, suffixes: list[str]) -> CellData:
    """Return cells of the data, repetitions among them, each with its own name.

    Args:
        data: The cells.
        index: (m,) int64, the places, some of them more than once.
        suffixes: What the name of each ends with.

    Raises:
        DataError: a repetition would have the name of another cell.
    """
    chosen = data.subset(index)
    ids = [name + suffix for name, suffix in zip(chosen.ids, suffixes, strict=True)]
    if len(set(ids)) < len(ids):
        twice = next(name for place, name in enumerate(ids) if name in ids[:place])
        raise DataError("A copy of a cell would have the name of another cell.", where=twice, do="Rename that cell.")
    return replace(chosen, ids=ids)
