"""Drawing parts: linked groups are dealt out so that every part gets its share of every class.

The imbalance of a draw is the mean over the classes of the chi-square distance between the shares that were asked for
and those that came out, sum over parts of (share - asked)^2 / asked, once for the cells of a class and once for the
groups that hold it. A class with fewer groups than there are parts goes to the parts in the order in which they are
named (train, test, validation).

Groups that are alike in every class (single cells, say) are shuffled and cut by the shares, since among so many no
choice is needed. The others are dealt one by one, larger ones earlier, each to the part where it does most good; this
is tried in many orders, and the draw with the fewest missing classes and then the smallest imbalance is taken.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from leukoscope.randomness import generator

ALIKE = 100
MOST_TRIES = 256
FEWEST_TRIES = 4
WORK = 300_000
URGENT = 1e6

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


def draw(cells: pl.DataFrame, classes: Sequence[str], shares: dict[str, float], *, seed: int) -> pl.DataFrame:
    """Draw a part for each group.

    Args:
        cells: One row a cell: ``key`` (what must stay together), ``label``. The order of rows does not matter.
        classes: The class names.
        shares: Share of each part, above 0 and summing to 1, in the order in which scarce classes are given out.
        seed: The seed of the draw.

    Returns:
        Columns ``key`` and ``part``, sorted by key.
    """
    columns = [f"class_{index}" for index in range(len(classes))]
    counting = [
        (pl.col("label") == name).sum().cast(pl.Int64).alias(to) for to, name in zip(columns, classes, strict=True)
    ]
    groups = cells.group_by("key").agg(*counting).sort("key")
    random = generator(seed, "split")
    groups = groups.with_columns(part=_deal_alike(groups, columns, list(shares.values()), random))
    part = groups["part"].to_numpy().copy()
    counts = groups.select(columns).to_numpy().astype(np.float64)
    left = part < 0
    held = np.stack([_features_sum(counts[part == index]) for index in range(len(shares))])
    part[left] = _deal(counts[left], held, np.array(list(shares.values())), random)
    names = pl.Series(list(shares))
    return groups.select("key", part=names.gather(pl.Series(part)))


def imbalance(held: Floats, asked: Floats) -> Floats:
    """Return how far parts are from their shares (see the head of this file).

    Args:
        held: Share of each feature in each part, (..., parts, features).
        asked: Share of each part, (parts,), summing to 1.

    Returns:
        The mean chi-square distance, (...).
    """
    distance = (held - asked[:, None]) ** 2 / asked[:, None]
    return np.asarray(distance.sum(axis=-2).mean(axis=-1))


def _deal_alike(
    groups: pl.DataFrame, columns: list[str], shares: list[float], random: np.random.Generator
) -> pl.Series:
    """Cut sets of equal groups by the shares; -1 for what is left over."""
    shuffled = groups.select(*columns, random=pl.Series(random.permutation(groups.height)))
    alike = shuffled.select(number=pl.len().over(columns), place=pl.col("random").rank("ordinal").over(columns) - 1)
    number, place = alike["number"].to_numpy().astype(np.int64), alike["place"].to_numpy().astype(np.int64)
    ends = np.cumsum([np.floor(number * share) for share in shares], axis=0)
    part = (place >= ends).sum(axis=0)
    part[(number < ALIKE) | (part == len(shares))] = -1
    return pl.Series(part)


def _features(counts: Floats) -> Floats:
    """Return cells of each class and whether there are any, (groups, 2 * classes)."""
    return np.concatenate([counts, counts > 0], axis=1)


def _features_sum(counts: Floats) -> Floats:
    return np.asarray(_features(counts).sum(axis=0))


def _deal(counts: Floats, held: Floats, asked: Floats, random: np.random.Generator) -> Integers:
    """Deal groups to parts in many orders and return the best.

    Args:
        counts: Cells of each class in each group, (groups, classes).
        held: Cells and groups of each class that the parts hold already, (parts, 2 * classes).
        asked: Share of each part, (parts,).
        random: Where the orders come from.

    Returns:
        The part of each group, (groups,).
    """
    total = np.maximum(_features_sum(counts) + held.sum(axis=0), 1)
    features = _features(counts) / total
    classes = counts.shape[1]
    groups_of_class = _features_sum(counts)[classes:] + held.sum(axis=0)[classes:]
    required = np.arange(len(asked))[:, None] < groups_of_class
    tries = int(np.clip(WORK // max(len(counts), 1), FEWEST_TRIES, MOST_TRIES))
    orders = _orders(counts.sum(axis=1), tries, random)
    parts, shares = _deal_in_orders(features, orders, held / total, asked, required)
    missing = (required & (shares[:, :, classes:] == 0)).sum(axis=(1, 2))
    best = np.lexsort((imbalance(shares, asked), missing))[0]
    return np.asarray(parts[best])


def _orders(sizes: Floats, tries: int, random: np.random.Generator) -> Integers:
    """Return orders of the groups, (tries, groups): larger ones earlier, those within a factor of e shuffled."""
    return np.argsort(-(np.log(sizes) + random.random((tries, len(sizes)))), axis=1)


def _deal_in_orders(
    features: Floats, orders: Integers, held: Floats, asked: Floats, required: npt.NDArray[np.bool_]
) -> tuple[Integers, Floats]:
    """Deal the groups in each of the orders at once.

    Returns:
        The parts, (tries, groups), and the share of each feature that each part holds, (tries, parts, features).
    """
    tries, number = orders.shape
    classes = required.shape[1]
    every = np.arange(tries)
    shares = np.repeat(held[None], tries, axis=0)
    waiting = np.repeat((features[:, classes:] > 0).sum(axis=0)[None], tries, axis=0)
    parts = np.zeros((tries, number), dtype=np.int64)
    for step in range(number):
        group = orders[:, step]
        added = features[group]
        holds = added[:, classes:] > 0
        # The change of the imbalance if the group went to each part.
        cost = ((2 * (shares - asked[:, None]) + added[:, None]) * added[:, None]).sum(axis=2) / asked
        # A part that must get a class, and of which just enough groups are left, comes first.
        lacking = required & (shares[:, :, classes:] == 0)
        last_call = lacking & (lacking.sum(axis=1) >= waiting)[:, None] & holds[:, None]
        chosen = np.argmin(cost - URGENT * last_call.sum(axis=2), axis=1)
        shares[every, chosen] += added
        waiting -= holds
        parts[every, group] = chosen
    return parts, shares
