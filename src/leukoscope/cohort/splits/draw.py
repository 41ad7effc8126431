"""Drawing parts and folds: linked groups are dealt out so that each gets its share of every class.

The imbalance of a draw is the mean over the classes of the chi-square distance between the shares that were asked for
and those that came out, sum over parts of (share - asked)^2 / asked, once for the cells of a class and once for the
groups that hold it.

A class with fewer groups than there are parts goes to the parts in the order in which they are named (train, test,
validation). Folds have no order: a class with fewer groups than there are folds goes to as many folds as it has
groups, one to each. No fold stays empty while there are groups enough.

Where cells have a ``stratum`` beside their class (a sex, a site), each class is shared out within each stratum too;
classes come before strata where both cannot be had.

How the dealing is done: ``deal.py``.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from leukoscope.cohort.splits.deal import Wish, deal
from leukoscope.randomness import generator

ALL = "all"
CLASS_WEIGHT = 1.0
STRATUM_WEIGHT = 1e-3
ALL_WEIGHT = 1e3


def draw(
    cells: pl.DataFrame, classes: Sequence[str], shares: dict[str, float], *, seed: int, spread: float = 0.0
) -> pl.DataFrame:
    """Draw a part for each group.

    Args:
        cells: One row a cell: ``key`` (what must stay together), ``label`` and, where wished, ``stratum`` (text). The
            order of rows does not matter.
        classes: The class names.
        shares: Share of each part, above 0 and summing to 1, in the order in which scarce classes are given out.
        seed: The seed of the draw.
        spread: How much larger than the smallest imbalance that was found that of the draw may be. 0 takes the best,
            which may be the same for many seeds where there are few groups.

    Returns:
        Columns ``key`` and ``part``, sorted by key.
    """
    groups, weights = _counted(cells, classes)
    wish = Wish(tuple(shares.values()), weights, ordered=True, spread=spread)
    part = deal(groups.drop("key"), wish, generator(seed, "split"))
    return groups.select("key", part=pl.Series(list(shares)).gather(pl.Series(part)))


def draw_folds(cells: pl.DataFrame, classes: Sequence[str], folds: int, *, seed: int) -> pl.DataFrame:
    """Draw a fold for each group; all folds get equal shares.

    Args:
        cells: As for ``draw``.
        classes: The class names.
        folds: Number of folds, two or more.
        seed: The seed of the draw.

    Returns:
        Columns ``key`` and ``fold`` (Int64, from 0), sorted by key.
    """
    groups, weights = _counted(cells, classes)
    # All cells together count like a class, so that the folds come out of equal size.
    groups = groups.with_columns(pl.sum_horizontal(pl.exclude("key", "^stratum_.*$")).alias(ALL))
    wish = Wish((1 / folds,) * folds, (*weights, ALL_WEIGHT), ordered=False)
    return groups.select("key", fold=pl.Series(deal(groups.drop("key"), wish, generator(seed, "folds"))))


def _counted(cells: pl.DataFrame, classes: Sequence[str]) -> tuple[pl.DataFrame, tuple[float, ...]]:
    """Return the cells of each class (in each stratum) that each group holds, by key, and the columns' weights."""
    of_class = [(pl.col("label") == name).sum().cast(pl.Int64).alias(f"class_{n}") for n, name in enumerate(classes)]
    strata: list[pl.Expr] = []
    if "stratum" in cells.columns:
        found = cells.select("label", "stratum").unique().sort("label", "stratum").rows()
        inside = [(pl.col("label") == label) & (pl.col("stratum") == stratum) for label, stratum in found]
        strata = [held.sum().cast(pl.Int64).alias(f"stratum_{number}") for number, held in enumerate(inside)]
    groups = cells.group_by("key").agg(*of_class, *strata).sort("key")
    return groups, (CLASS_WEIGHT,) * len(of_class) + (STRATUM_WEIGHT,) * len(strata)
