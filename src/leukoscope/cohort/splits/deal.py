"""Dealing groups out to parts so that each part gets its share of everything that is counted in them.

Groups that are alike in everything that is counted (single cells, say) are shuffled and cut by the shares, since among
so many no choice is needed. The others are dealt one by one, larger ones earlier, each to the part where it does most
good; this is tried in many orders, and the draw with the least that is missing and then the smallest imbalance is
taken, or one that comes near it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

ALIKE = 100
MOST_TRIES = 256
FEWEST_TRIES = 4
WORK = 300_000
URGENT = 1e6

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Wish:
    """What a deal should come to.

    Args:
        shares: Share of each part, above 0, summing to 1.
        weights: How much it matters, for each thing that is counted, that no part goes without it.
        ordered: Whether a thing that stands in fewer groups than there are parts belongs to the first parts; else any
            parts will do, one group to each.
        spread: How far from the smallest imbalance a draw may be and still be taken, as likely as any other. Above 0
            the groups are dealt in any order, so that draws of different seeds differ even where one is best.
    """

    shares: tuple[float, ...]
    weights: tuple[float, ...]
    ordered: bool
    spread: float = 0.0

    @property
    def asked(self) -> Floats:
        """The shares as an array, (parts,)."""
        return np.array(self.shares)


def deal(groups: pl.DataFrame, wish: Wish, random: np.random.Generator) -> Integers:
    """Deal groups out to parts.

    Args:
        groups: One row a group, one Int64 column for each thing that is counted: the cells that the group holds of it.
            The order of the rows is part of the randomness: sort them.
        wish: What should come of it.
        random: Where the orders come from.

    Returns:
        The part of each group, (groups,).
    """
    part = _deal_alike(groups, wish.shares, random)
    counts = groups.to_numpy().astype(np.float64)
    left = part < 0
    held = np.stack([_features_sum(counts[part == index]) for index in range(len(wish.shares))])
    part[left] = _deal_others(counts[left], held, wish, random)
    return part


def imbalance(held: Floats, asked: Floats) -> Floats:
    """Return how far parts are from their shares (see the head of ``draw.py``).

    Args:
        held: Share of each feature in each part, (..., parts, features).
        asked: Share of each part, (parts,), summing to 1.

    Returns:
        The mean chi-square distance, (...).
    """
    distance = (held - asked[:, None]) ** 2 / asked[:, None]
    return np.asarray(distance.sum(axis=-2).mean(axis=-1))


def _deal_alike(groups: pl.DataFrame, shares: tuple[float, ...], random: np.random.Generator) -> Integers:
    """Cut sets of equal groups by the shares; -1 for what is left over."""
    columns = groups.columns
    shuffled = groups.with_columns(random=pl.Series(random.permutation(groups.height)))
    alike = shuffled.select(number=pl.len().over(columns), place=pl.col("random").rank("ordinal").over(columns) - 1)
    number, place = alike["number"].to_numpy().astype(np.int64), alike["place"].to_numpy().astype(np.int64)
    ends = np.cumsum([np.floor(number * share) for share in shares], axis=0)
    part = (place >= ends).sum(axis=0)
    part[(number < ALIKE) | (part == len(shares))] = -1
    return np.asarray(part, dtype=np.int64)


def _features(counts: Floats) -> Floats:
    """Return the cells of each thing and whether there are any, (groups, 2 * things)."""
    return np.concatenate([counts, counts > 0], axis=1)


def _features_sum(counts: Floats) -> Floats:
    return np.asarray(_features(counts).sum(axis=0))


def _deal_others(counts: Floats, held: Floats, wish: Wish, random: np.random.Generator) -> Integers:
    """Deal groups to parts in many orders and return the best.

    Args:
        counts: Cells of each thing in each group, (groups, things).
        held: Cells and groups of each thing that the parts hold already, (parts, 2 * things).
        wish: What should come of it.
        random: Where the orders come from.

    Returns:
        The part of each group, (groups,).
    """
    total = np.maximum(_features_sum(counts) + held.sum(axis=0), 1)
    things = counts.shape[1]
    groups_of_thing = _features_sum(counts)[things:] + held.sum(axis=0)[things:]
    need = _Need.of(groups_of_thing, wish)
    tries = int(np.clip(WORK // max(len(counts), 1), FEWEST_TRIES, MOST_TRIES))
    orders = _orders(counts.sum(axis=1), tries, random, mixed=wish.spread > 0)
    parts, shares = _deal_in_orders(_features(counts) / total, orders, held / total, wish.asked, need)
    missing = np.maximum(need.lacking(shares).sum(axis=1) - need.spare, 0) @ need.weights
    distance = imbalance(shares, wish.asked)
    distance[missing > missing.min()] = np.inf
    # The tries are in random order: the first that is good enough is any of them.
    return np.asarray(parts[np.argmax(distance <= distance.min() + wish.spread)])


@dataclass(frozen=True)
class _Need:
    """Which parts must hold what: ``may`` (parts, things), of which ``spare`` (things,) can do without."""

    may: npt.NDArray[np.bool_]
    spare: Floats
    weights: Floats

    @classmethod
    def of(cls, groups_of_thing: Floats, wish: Wish) -> _Need:
        parts = np.arange(len(wish.shares))[:, None]
        first = parts < groups_of_thing
        may = first if wish.ordered else np.broadcast_to(groups_of_thing > 0, first.shape)
        return cls(may, may.sum(axis=0) - first.sum(axis=0).astype(np.float64), np.array(wish.weights))

    def lacking(self, shares: Floats) -> npt.NDArray[np.bool_]:
        """Return which parts hold nothing of what they should, (tries, parts, things)."""
        return np.asarray(self.may & (shares[:, :, self.may.shape[1] :] == 0))


def _orders(sizes: Floats, tries: int, random: np.random.Generator, *, mixed: bool) -> Integers:
    """Return orders of the groups, (tries, groups): larger ones earlier (shuffled within a factor of e), or any."""
    luck = random.random((tries, len(sizes)))
    return np.argsort(luck if mixed else -(np.log(sizes) + luck), axis=1)


def _deal_in_orders(
    features: Floats, orders: Integers, held: Floats, asked: Floats, need: _Need
) -> tuple[Integers, Floats]:
    """Deal the groups in each of the orders at once.

    Returns:
        The parts, (tries, groups), and the share of each feature that each part holds, (tries, parts, features).
    """
    tries, number = orders.shape
    things = need.may.shape[1]
    every = np.arange(tries)
    shares = np.repeat(held[None], tries, axis=0)
    waiting = np.repeat((features[:, things:] > 0).sum(axis=0)[None], tries, axis=0)
    parts = np.zeros((tries, number), dtype=np.int64)
    for step in range(number):
        group = orders[:, step]
        added = features[group]
        holds = added[:, things:] > 0
        # The change of the imbalance if the group went to each part.
        cost = ((2 * (shares - asked[:, None]) + added[:, None]) * added[:, None]).sum(axis=2) / asked
        # A part that must get something, of which just enough groups are left, comes first.
        lacking = need.lacking(shares)
        short = lacking.sum(axis=1) - need.spare >= waiting
        last_call = lacking & (short & holds)[:, None]
        chosen = np.argmin(cost - URGENT * (last_call @ need.weights), axis=1)
        shares[every, chosen] += added
        waiting -= holds
        parts[every, group] = chosen
    return parts, shares
