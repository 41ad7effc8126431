"""Classes that stand in fewer groups than there are folds: where they are tested, and what that means."""

from __future__ import annotations

from typing import Any

import polars as pl

from leukoscope.cohort.classes import Classes
from leukoscope.errors import counted


def scarce(cells: pl.DataFrame, classes: Classes, number: int) -> tuple[str, ...]:
    """Name each class that stands in fewer groups than there are folds, where it is tested, and what that means.

    Args:
        cells: ``label``, ``key`` and ``fold`` (null for cells that are only ever trained on).
        classes: The classes.
        number: Number of folds.
    """
    held = (
        cells.drop_nulls("fold")
        .group_by("label")
        .agg(cells=pl.len(), groups=pl.col("key").n_unique(), folds=pl.col("fold").unique().sort())
    )
    few = held.filter(pl.col("groups") < number)
    order = {name: place for place, name in enumerate(classes.names)}
    rows = sorted(few.iter_rows(named=True), key=lambda row: order[row["label"]])
    return tuple(_scarce(row, classes, number) for row in rows)


def _scarce(row: dict[str, Any], classes: Classes, number: int) -> str:
    where, groups = row["folds"], row["groups"]
    title = said_class(row["label"], classes)
    stands = f"{counted(row['cells'], 'cell')} in {counted(groups, 'linked group')}"
    tested = f"fold {where[0]}" if len(where) == 1 else f"folds {', '.join(map(str, where[:-1]))} and {where[-1]}"
    means = "it cannot be measured in the others"
    if groups == 1:
        means = "it cannot be learnt there, nor measured in the others"
    return (
        f"{title}, {stands}, has fewer groups than there are folds ({number}): it is tested in {tested} only; {means}."
    )


def said_class(name: str, classes: Classes) -> str:
    """Return a class by its name and, where it has one, its title, as a sentence begins with it.

    Example:
        >>> said_class("hem", Classes(("hem", "all"), ("normal", "all")))
        "The class 'hem' (normal)"
    """
    return f"The class {name!r}" if classes.title(name) == name else f"The class {name!r} ({classes.title(name)})"
