"""``bagging.csv`` of an ensemble: what each of its bagged models sees of each class."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from leukoscope.files import read_table
from leukoscope.runs.folder import RunFolder
from leukoscope.runs.run import Run


def bagging_of(names: Sequence[str], runs: Sequence[Run]) -> pl.DataFrame | None:
    """Gather the members' own tables into one.

    Args:
        names: The members' names.
        runs: Their runs.

    Returns:
        The members' rows in their order, as text: ``model``, then the columns of ``training.bagging.bagging_table``;
        None where no member was bagged.

    Raises:
        DataError: a member's table is damaged.
    """
    places = {name: RunFolder(run.folder).bagging for name, run in zip(names, runs, strict=True)}
    tables = [
        read_table(path, text=True).select(pl.lit(name).alias("model"), pl.all())
        for name, path in places.items()
        if path.is_file()
    ]
    return pl.concat(tables) if tables else None
