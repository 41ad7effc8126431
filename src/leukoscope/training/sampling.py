"""Balance between classes of unequal size: which cells of the training part are learnt from, and how often."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl

from leukoscope.cohort.classes import Classes
from leukoscope.pictures.batches import TURNS, CellData, Integers
from leukoscope.randomness import integer
from leukoscope.recipes.schema import BalanceSettings
from leukoscope.training.bagging import BAGGING, bagged
from leukoscope.training.repetitions import again, drawn_order, named

EVEN, TO_NUMBER = "class_balanced_batches", "to_number"
COMPOSITION = ("class", "cells", "kept", "left_out", "copies", "seen")


def sampled(data: CellData, settings: BalanceSettings, seed: int) -> CellData:
    """Return what is learnt from in place of the training part; the same in all epochs.

    ``subsample_and_augment`` (Baldi & Cioffo 2021: 3,198 cells of each class in place of 4,432 and 1,964): of each
    class n cells, ``cells_per_class`` or else the training part's number divided by that of its classes. A larger class
    is cut to n. A smaller one is filled up with copies of its own cells, mirrored (left to right, top to bottom) or
    turned by 90, 180 or 270 degrees; where a cell has more than five copies, mirrored about the diagonals too. Each
    cell has as many copies as any other of its class, or one more, and none lies as the cell does; a turn comes back
    only where all were used. Pictures that are not square have no quarter turns. The copies are fixed: they are not
    drawn anew with each epoch, and ``augmentation`` comes on top.

    ``oversample``: smaller classes are repeated up to the size of the largest, each cell as it lies; random changes
    are drawn for each repetition.

    ``bagging_variation`` (Liu & Long 2019): one part of the largest class as it is, its other parts and the rest of the
    smaller classes as changed copies (see ``bagging.bagged``).

    ``none``, ``class_balanced_batches`` and ``to_number`` (see ``even_epoch``) leave the cells as they are.

    What is drawn depends on the seed and the cells' ids, not on their order.

    Args:
        data: The training part's cells, labelled, as they lie (without ``turns``).
        settings: ``sampling``, ``cells_per_class`` and ``bagging`` count here.
        seed: The run's.

    Returns:
        Cells of the same store, those that were kept first, in the order of ``data``. Copies have ids of their own:
        ``c7 turned 90``, ``c7 mirrored``, ``c7 turned 90 again 1``, ``c7 again 1``, ``c7 changed``.

    Raises:
        DataError: a copy would have the name of another cell.
        SettingsError: the largest class cannot be divided as asked, or there is no such change.
    """
    if not len(data):
        return data
    if settings.sampling == "subsample_and_augment":
        wanted = settings.cells_per_class or len(data) // len(np.unique(data.labels))
        return _to_size(data, wanted, seed, turned=True)
    if settings.sampling == "oversample":
        return _to_size(data, int(np.bincount(data.labels).max()), seed, turned=False)
    if settings.sampling == BAGGING:
        return bagged(data, settings.bagging, seed)
    return data


def drawn_evenly(data: CellData, settings: BalanceSettings) -> int | None:
    """Return how many cells an epoch sees where they are drawn evenly from the classes, else None.

    ``class_balanced_batches``: as many as there are. ``to_number``: ``cells_per_class`` of each class that is there
    (Kukiełka 2021: 10,000 or 3,000 by augmentation; there the pictures were written down, here they are drawn).

    Args:
        data: What ``sampled`` returned.
        settings: ``sampling`` and ``cells_per_class`` count here.

    Returns:
        So many cells, 1 or more; None where an epoch sees each cell of ``data`` once.
    """
    if settings.sampling == TO_NUMBER:
        assert settings.cells_per_class is not None, "a recipe without it is refused"
        return settings.cells_per_class * len(np.unique(data.labels))
    return len(data) if settings.sampling == EVEN else None


def even_epoch(data: CellData, seed: int, epoch: int, cells: int) -> CellData:
    """Return the cells of an epoch whose every batch is drawn evenly from the classes.

    Classes take turns, so that no batch, of whatever size, has two more of one than of another. Of a large class each
    epoch sees other cells; of a small one all, and then all again as often as is needed: no cell is seen twice more
    than another of its class. Random changes are drawn for each repetition.

    Args:
        data: The training part's cells, labelled.
        seed: The run's.
        epoch: 1 and on; all that is drawn depends on the seed, it, and the cells' ids.
        cells: How many the epoch has (``drawn_evenly``).

    Returns:
        The cells in the order in which they are seen; repetitions are named ``c7 again 1``.
    """
    found = np.unique(data.labels)
    index, repetition = np.empty(cells, dtype=np.int64), np.empty(cells, dtype=np.int64)
    for place, label in enumerate(found):
        own = np.flatnonzero(data.labels == label)
        its = slice(place, None, len(found))
        wanted = len(index[its])
        rounds = range(-(-wanted // len(own)))
        drawn = [drawn_order(data, own, seed, "order", epoch, number) for number in rounds]
        index[its] = np.concatenate(drawn)[:wanted]
        repetition[its] = np.arange(wanted) // len(own)
    return named(data, index, [again(number) for number in repetition.tolist()])


def labels_seen(data: CellData, settings: BalanceSettings) -> Integers:
    """Return the labels of all cells that an epoch sees, repetitions among them, in any order.

    Args:
        data: What ``sampled`` returned.
        settings: ``sampling`` and ``cells_per_class`` count here.

    Returns:
        (n,) int64, places in the classes, n the cells of an epoch.
    """
    cells = drawn_evenly(data, settings)
    if cells is None:
        return data.labels
    return np.resize(np.unique(data.labels), cells)  # the classes take turns


def composition(
    data: CellData, settings: BalanceSettings, seed: int, classes: Classes, *, evenly: bool = False
) -> pl.DataFrame:
    """Return what the balancing makes of each class.

    Args:
        data: The training part's cells, labelled.
        settings: How they are sampled.
        seed: The run's.
        classes: The classes.
        evenly: Whether the stage in question draws its batches evenly from the classes by itself
            (``stages.N.sampling``), whatever the settings say of an epoch.

    Returns:
        A row a class: ``class``; ``cells``, in the training part; ``kept``, of these that are learnt from in some epoch
        or other; ``left_out``, the rest; ``copies``, added for good; ``seen``, pictures that one epoch shows. With
        ``bagging_variation``, where none is left out, also ``whole``, of these that are seen as they are.
    """
    learnt = sampled(data, settings, seed)
    own = np.isin(learnt.ids, data.ids)
    in_epoch = settings.model_copy(update={"sampling": EVEN}) if evenly else settings
    counts = [
        np.bincount(labels, minlength=len(classes))
        for labels in (data.labels, learnt.labels[own], learnt.labels[~own], labels_seen(learnt, in_epoch))
    ]
    cells, whole, copies, seen = counts
    bagging = settings.sampling == BAGGING
    kept = cells if bagging else whole
    columns = (list(classes.names), cells, kept, cells - kept, copies, seen)
    table = pl.DataFrame(dict(zip(COMPOSITION, columns, strict=True)))
    return table.with_columns(whole=pl.Series(whole)) if bagging else table


def _to_size(data: CellData, wanted: int, seed: int, *, turned: bool) -> CellData:
    """Cut or fill up each class to so many cells."""
    kept, copied = [], []
    for label in np.unique(data.labels):
        own = drawn_order(data, np.flatnonzero(data.labels == label), seed, "sampling")
        kept.append(own[:wanted])
        copied.append(np.resize(own, max(wanted - len(own), 0)))
    # Of the cells of a class, so many are copied again and again in the same order.
    number = [np.arange(len(of_class)) // max(len(its), 1) for of_class, its in zip(copied, kept, strict=True)]
    index = np.concatenate([np.sort(np.concatenate(kept)), *copied])
    copy_of = np.concatenate([np.full(sum(map(len, kept)), -1), *number])
    if not turned:
        return named(data, index, [again(number + 1) for number in copy_of.tolist()])
    assert data.turns is None, "cells of the training part lie as they are"
    turns, suffixes = _turned(data, index, copy_of, seed)
    return replace(named(data, index, suffixes), turns=turns)


def _turned(data: CellData, index: Integers, copy_of: Integers, seed: int) -> tuple[Integers, list[str]]:
    """Return how each cell or copy lies, and what its name ends with; ``copy_of`` is -1 for the cells themselves."""
    height, width, _ = data.store.shape
    usable = [turn for turn in range(1, len(TURNS)) if height == width or not _is_quarter(turn)]
    turns, suffixes = np.zeros(len(index), dtype=np.int64), [""] * len(index)
    for place in np.flatnonzero(copy_of >= 0):
        name, number = data.ids[index[place]], int(copy_of[place])
        order = _drawn_turns(usable, seed, name)
        turns[place] = order[number % len(order)]
        suffixes[place] = _said(turns[place]) + again(number // len(order))
    return turns, suffixes


def _drawn_turns(usable: list[int], seed: int, name: str) -> list[int]:
    """Return turns in an order drawn for a cell: a flip or a turn, as published; then both at once, the diagonals."""
    drawn = sorted(usable, key=lambda turn: integer(seed, "turn", name, turn))
    return sorted(drawn, key=lambda turn: TURNS[turn].mirrored and _is_quarter(turn))


def _is_quarter(turn: int) -> bool:
    return TURNS[turn].degrees % 180 != 0


def _said(turn: int) -> str:
    view = TURNS[turn]
    turned = f" turned {view.degrees:.0f}" if view.degrees else ""
    return turned + (" mirrored" if view.mirrored else "")
