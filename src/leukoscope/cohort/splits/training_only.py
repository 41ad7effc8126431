"""Cells that may only ever be trained on, such as those that were merged in from another data set."""

from __future__ import annotations

import polars as pl

from leukoscope.errors import DataError, counted

COLUMN = "training_only"


def training_only(cells: pl.DataFrame) -> pl.Expr:
    """Return whether each cell is for training only: the column ``training_only``, false where absent or null.

    Args:
        cells: The cells, with or without the column.

    Raises:
        DataError: the column holds something other than true and false.
    """
    if COLUMN not in cells.columns:
        return pl.lit(value=False).alias(COLUMN)
    if cells.schema[COLUMN] not in (pl.Boolean, pl.Null):
        raise DataError(
            f"The column {COLUMN!r} must hold true or false; it holds {cells.schema[COLUMN]}.",
            where="the cells table",
            do=f"cells.with_columns({COLUMN}=pl.col({COLUMN!r}) == 'true')",
        )
    return pl.col(COLUMN).cast(pl.Boolean).fill_null(value=False)


def drawn_along(cells: pl.DataFrame) -> tuple[str, ...]:
    """Say how many ordinary cells go to train because they are linked to cells that are for training only.

    Args:
        cells: ``id``, ``key``, ``training_only`` and ``held`` (whether any cell of the key is for training only).
    """
    along = cells.filter(pl.col("held") & ~pl.col(COLUMN))
    if not along.height:
        return ()
    stay = f"{counted(along.height, 'cell')} of {counted(along['key'].n_unique(), 'linked group')} stay in train"
    return (f"{stay}, never to be measured: they are linked to cells that are for training only.",)
