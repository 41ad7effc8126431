"""Folds of the probe: whole linked groups, each class spread evenly."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from leukoscope.randomness import integer

FOLDS = 5


def fold_of(table: pl.DataFrame) -> npt.NDArray[np.int64]:
    """Return the fold of each row, (n,), 0 to 4; a group is in one fold.

    Groups are dealt out like cards, class by class (the one that most of their rows have), in an order drawn by
    their names.

    Args:
        table: ``group`` and ``label``, no nulls; n rows.
    """
    votes = table.group_by("group", "label").len("rows").sort("rows", "label", descending=[True, False])
    groups = votes.unique("group", keep="first", maintain_order=True)
    drawn = pl.Series("drawn", [integer(0, "folds of the probe", name) for name in groups["group"]])
    groups = groups.with_columns(drawn).sort("label", "drawn").with_row_index("place")
    folds = groups.select("group", fold=(pl.col("place") % FOLDS).cast(pl.Int64))
    return table.join(folds, on="group", maintain_order="left")["fold"].to_numpy()
