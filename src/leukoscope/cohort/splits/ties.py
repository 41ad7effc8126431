"""What ties two units together: identical pictures, one cell in two pictures, what was known beforehand."""

from __future__ import annotations

from typing import Any

import polars as pl

from leukoscope.errors import counted

NEAR = "near"
DECLARED = "declared"
FOUND = ("pictures", "near", "stated", "stated_near", "declared")
COUNTED = (("pictures", "stated"), ("near", "stated_near"))


def said(unit: str) -> str:
    """Return a unit in words.

    Example:
        >>> said("57"), said("cell:a/1")
        ('patient 57', 'cell a/1')
    """
    return f"cell {unit.removeprefix('cell:')}" if unit.startswith("cell:") else f"patient {unit}"


def unit_pairs(links: pl.DataFrame) -> pl.DataFrame:
    """Return what ties two units, one row for two of them.

    Args:
        links: As in ``LinkedGroups.links``; those within one unit are left out. Where ids are null, patients were known
            to be linked beforehand, by as many ``pictures`` of the whole data set.

    Returns:
        Sorted: ``unit_a``, ``unit_b`` (in order), ``count`` (how many pictures tie them, 1 or more), ``pictures``
        ("id_a = id_b" of each identical pair at hand), ``near`` ("id_a = id_b, correlation 0.98" of each near pair at
        hand), ``stated`` and ``stated_near`` (how many pairs were known beforehand, whether at hand or not),
        ``declared`` (whether they are declared to be one person).
    """
    between = _between(links)
    exact = (pl.col("kind") != NEAR) & (pl.col("kind") != DECLARED)
    near, at_hand = pl.col("kind") == NEAR, pl.col("picture").is_not_null()
    alike = pl.concat_str("picture", pl.format(", correlation {}", pl.col("correlation").round(2)), ignore_nulls=True)
    ties = between.group_by("unit_a", "unit_b").agg(
        pictures=pl.col("picture").filter(exact & at_hand).sort(),
        near=alike.filter(near & at_hand).sort(),
        stated=pl.col("number").filter(exact & ~at_hand).sum(),
        stated_near=pl.col("number").filter(near & ~at_hand).sum(),
        declared=(pl.col("kind") == DECLARED).any(),
    )
    both = [pl.max_horizontal(pl.col(here).list.len().cast(pl.Int64), whole) for here, whole in COUNTED]
    count = pl.max_horizontal(pl.sum_horizontal(both), 1)
    return ties.select("unit_a", "unit_b", count.alias("count"), *FOUND).sort("unit_a", "unit_b")


def _between(links: pl.DataFrame) -> pl.DataFrame:
    """Return the links between different units: ``unit_a`` before ``unit_b``, ``kind``, ``picture``, ``number``."""
    turned = pl.col("unit_a") > pl.col("unit_b")
    first, second = pl.when(turned).then("id_b").otherwise("id_a"), pl.when(turned).then("id_a").otherwise("id_b")
    return links.filter(pl.col("unit_a") != pl.col("unit_b")).select(
        pl.min_horizontal("unit_a", "unit_b").alias("unit_a"),
        pl.max_horizontal("unit_a", "unit_b").alias("unit_b"),
        "kind",
        "correlation",
        picture=pl.format("{} = {}", first, second),
        number=pl.col("pictures").fill_null(0),
    )


def tie(row: dict[str, Any], shown: int) -> list[tuple[str, str]]:
    """Return what ties two units in words: how much of it, and which pictures of it are at hand.

    Args:
        row: A row of ``unit_pairs``.
        shown: How many pictures are named at most.

    Returns:
        ("2 identical pictures", "a = x, b = y"), ("one cell in two pictures", "c = z, correlation 0.98"); the second
        is empty where no picture is at hand. Empty where they are only declared to be one.

    Example:
        >>> found = {"pictures": ["a = x", "b = y"], "stated": 71, "near": [], "stated_near": 0}
        >>> tie(found, 1)
        [('71 identical pictures, 2 of them here', 'a = x and 1 more')]
    """
    kinds = []
    for here, whole in COUNTED:
        pictures, number = row[here], max(len(row[here]), row[whole])
        if number:
            amount = counted(number, "identical picture") if here == "pictures" else _cells(number)
            kinds.append((amount + _at_hand(len(pictures), number), _named(pictures, shown)))
    return kinds


def _cells(number: int) -> str:
    return "one cell in two pictures" if number == 1 else f"{number:,} cells in two pictures each"


def _at_hand(here: int, number: int) -> str:
    if here == number:
        return ""
    return f", {here:,} of them here" if here else " of the whole data set"


def _named(pictures: list[str], shown: int) -> str:
    more = f" and {len(pictures) - shown} more" if len(pictures) > shown else ""
    separator = "; " if any(", " in picture for picture in pictures) else ", "
    return separator.join(pictures[:shown]) + more
