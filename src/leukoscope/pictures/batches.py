"""Batches out of the store: no decoding, the next one made ready while the present one is used."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from leukoscope.errors import DataError, SettingsError
from leukoscope.pictures.augmentation import Augmentation, View, views
from leukoscope.pictures.augmentation.arrays import change_arrays
from leukoscope.pictures.conversion import Pixels
from leukoscope.pictures.copies import Copies, Drawn, drawn_changes
from leukoscope.pictures.store import PixelStore
from leukoscope.randomness import integer

Integers = npt.NDArray[np.int64]
TURNS: tuple[View, ...] = tuple(sorted(views(4, "horizontal"), key=lambda view: (view.mirrored, view.degrees)))
"""The eight ways a square picture lies on its grid, no pixel interpolated; the first is as it is."""


@dataclass(frozen=True, eq=False)
class CellData:
    """Cells as rows of a store.

    Args:
        store: The framed pictures.
        rows: (n,) int64, their rows in the store (``store.rows(sha256)``).
        ids: Their n names, all different: what a cell's augmentation is drawn from.
        labels: (n,) int64, the place of each cell's class; -1 where it is unknown.
        turns: (n,) int64, places in ``TURNS``: how each cell lies before anything else is done to it; None: all as they
            are. Copies of one cell have one row, ids and turns of their own.
        groups: n names of linked groups, of what belongs to one patient as far as is known; None: nothing is known.
        copies: Which cells are changed copies, and how they are changed in training; None: none is.

    Raises:
        DataError: the lengths differ, a row is not in the store, there is no such turn, or pictures that are not
            square are turned by quarters.
    """

    store: PixelStore
    rows: Integers
    ids: list[str]
    labels: Integers
    turns: Integers | None = None
    groups: list[str] | None = None
    copies: Copies | None = None

    def __post_init__(self) -> None:
        if not len(self.rows) == len(self.ids) == len(self.labels):
            counts = f"{len(self.rows)} rows, {len(self.ids)} ids, {len(self.labels)} labels"
            raise DataError(f"Cells need a row, an id and a label each; there are {counts}.")
        beside = (self.groups, None if self.copies is None else self.copies.changed)
        if any(each is not None and len(each) != len(self.ids) for each in beside):
            raise DataError("Where cells have linked groups, or some are copies, each cell needs to have this said.")
        if len(self.rows) and not 0 <= self.rows.min() <= self.rows.max() < len(self.store):
            raise DataError(f"A row is not in the store, which has {len(self.store)} pictures.")
        if self.turns is not None and len(self.turns):
            self._refuse_wrong_turns(self.turns)

    def __len__(self) -> int:
        return len(self.ids)

    def subset(self, index: Integers) -> CellData:
        """Return the cells at these places, in this order.

        Args:
            index: (m,) int64.
        """
        turns = None if self.turns is None else self.turns[index]
        ids = [self.ids[place] for place in index]
        groups = None if self.groups is None else [self.groups[place] for place in index]
        copies = None if self.copies is None else self.copies.subset(index)
        return CellData(self.store, self.rows[index], ids, self.labels[index], turns, groups, copies)

    def pixels(self, index: Integers) -> Pixels:
        """Return the cells at these places as they lie, (m, h, w, 3) uint8, RGB; a copy, nothing changed at random.

        Args:
            index: (m,) int64.
        """
        pixels = self.store.batch(self.rows[index])
        if self.turns is None:
            return pixels
        turns = self.turns[index]
        for turn in np.unique(turns[turns > 0]):
            pixels[turns == turn] = TURNS[turn].of(pixels[turns == turn])
        return pixels

    def draw(self, index: Integers, augmentation: Augmentation, *, seed: int, epoch: int) -> Drawn:
        """Draw the random changes of the cells at these places: of copies their own, of all others the recipe's.

        Args:
            index: (m,) int64.
            augmentation: The recipe's.
            seed: The run's.
            epoch: From 0.

        Returns:
            Places in ``index``, each once, with their changes.
        """
        ids = [self.ids[place] for place in index]
        return drawn_changes(augmentation, self.copies, index, ids, seed=seed, epoch=epoch)

    def _refuse_wrong_turns(self, turns: Integers) -> None:
        if len(turns) != len(self.rows) or not 0 <= turns.min() <= turns.max() < len(TURNS):
            raise DataError(f"Each cell needs a turn from 0 to {len(TURNS) - 1}.")
        height, width, _ = self.store.shape
        if height != width and any(TURNS[turn].degrees % 180 for turn in np.unique(turns)):
            raise DataError(
                f"Pictures of {height} x {width} px cannot be turned by quarters.",
                do="Frame them as squares: end the framing with {resize: 128}.",
            )


@dataclass(frozen=True, eq=False)
class Batch:
    """Some cells, ready for the network.

    Args:
        index: (b,) int64, their places in the ``CellData``.
        pixels: (b, h, w, 3) uint8, RGB, framed and augmented.
        labels: (b,) int64.
    """

    index: Integers
    pixels: Pixels
    labels: Integers


def epoch_order(ids: list[str], seed: int, epoch: int) -> Integers:
    """Return the shuffled order of an epoch: cells sorted by a number drawn for each from its id alone.

    Args:
        ids: The cells' names.
        seed: The run's.
        epoch: From 0.

    Returns:
        (n,) int64, places in ``ids``.
    """
    drawn = np.array([integer(seed, "order", epoch, name) for name in ids], dtype=np.int64)
    return np.argsort(drawn, kind="stable").astype(np.int64)


def batch_places(data: CellData, size: int, *, seed: int = 0, epoch: int = 0, shuffle: bool = False) -> list[Integers]:
    """Return which cells each batch has, without reading their pixels; arguments as of ``batches``.

    Returns:
        (b,) int64 places in ``data`` for each batch.

    Raises:
        SettingsError: a size below 1.
    """
    if size < 1:
        raise SettingsError(f"A batch needs at least 1 cell; got {size}.")
    order = epoch_order(data.ids, seed, epoch) if shuffle else np.arange(len(data), dtype=np.int64)
    return [order[start : start + size] for start in range(0, len(order), size)]


def batches(
    data: CellData,
    size: int,
    *,
    seed: int | None = None,
    epoch: int = 0,
    shuffle: bool = False,
    augmentation: Augmentation | None = None,
    prefetch: bool = True,
) -> Iterator[Batch]:
    """Give all cells once, in batches; the last may be smaller.

    A cell's augmentation depends on the seed, the epoch and its id, not on the batch it is in.

    Args:
        data: The cells.
        size: Cells a batch, 1 or more.
        seed: Of the order and the augmentation; needed for either.
        epoch: From 0; each has its own order and augmentation.
        shuffle: Whether the order is drawn; else it is that of ``data``.
        augmentation: Random changes, made on the CPU; none, not even of copies, where None.
        prefetch: Whether a thread makes the next batch ready meanwhile. The batches are the same.

    Raises:
        SettingsError: a size below 1, or no seed where one is needed.
    """
    if seed is None and (shuffle or augmentation is not None):
        raise SettingsError("A drawn order or augmentation needs a seed.")
    places = batch_places(data, size, seed=seed or 0, epoch=epoch, shuffle=shuffle)

    def made(index: Integers) -> Batch:
        pixels = data.pixels(index)
        if augmentation is not None:
            for places, drawn in data.draw(index, augmentation, seed=seed or 0, epoch=epoch):
                pixels[places] = change_arrays(pixels[places], drawn)
        return Batch(index, pixels, data.labels[index])

    return _prefetched(places, made) if prefetch else map(made, places)


def _prefetched(places: list[Integers], made: Callable[[Integers], Batch]) -> Iterator[Batch]:
    with ThreadPoolExecutor(1, thread_name_prefix="batches") as pool:
        ahead = [pool.submit(made, index) for index in places[:1]]
        for following in range(1, len(places) + 1):
            ready = ahead.pop().result()
            ahead += [pool.submit(made, index) for index in places[following : following + 1]]
            yield ready
