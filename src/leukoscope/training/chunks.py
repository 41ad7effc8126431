"""Many cells in chunks of a few, and the next chunk made ready while the present one is used."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from torch import Tensor

from leukoscope.pictures.batches import Integers


def even_chunks(places: Integers, largest: int) -> list[Integers]:
    """Divide cells into as few chunks as may be, of sizes that differ by one at most.

    So no chunk is a rest of a single cell, of which batch norm could take no statistics.

    Args:
        places: (n,) int64, in the order in which they are gone through.
        largest: Cells a chunk at most, 1 or more.

    Example:
        >>> [len(chunk) for chunk in even_chunks(np.arange(65), 64)]
        [33, 32]
    """
    return np.array_split(places, -(-len(places) // largest)) if len(places) else []


def made_ahead(chunks: list[Integers], make: Callable[[Integers], Tensor]) -> Iterator[Tensor]:
    """Give what ``make`` makes of each chunk, in order; a thread makes the next one meanwhile.

    Args:
        chunks: Places of cells.
        make: From places to pixels; must draw nothing from torch's generators.
    """
    if len(chunks) == 1:
        yield make(chunks[0])
        return
    with ThreadPoolExecutor(1, thread_name_prefix="chunks") as pool:
        ahead = [pool.submit(make, chunk) for chunk in chunks[:1]]
        for following in range(1, len(chunks) + 1):
            ready = ahead.pop().result()
            ahead += [pool.submit(make, chunk) for chunk in chunks[following : following + 1]]
            yield ready
