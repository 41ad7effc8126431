"""Columns that a cohort's tables declare, as numbers or words that statistics can be made of."""

from __future__ import annotations

import polars as pl

MOST_WORDS = 20
MOSTLY = 0.9


def usable(values: pl.Series) -> pl.Series | None:
    """Return a declared column as numbers, or as words of few kinds; None where it is neither (names, free text).

    Dates, also those written ``YYYY-MM-DD``, become days; truth becomes 0 and 1.
    """
    kind = values.dtype
    if kind == pl.String:
        dates = values.str.to_date("%Y-%m-%d", strict=False)
        if dates.count() > MOSTLY * max(values.count(), 1):
            return dates.to_physical().cast(pl.Float64)
        return values if values.drop_nulls().n_unique() <= MOST_WORDS else None
    if kind.is_numeric() or kind == pl.Boolean:
        return values.cast(pl.Float64)
    return values.cast(pl.Date).to_physical().cast(pl.Float64) if kind in (pl.Date, pl.Datetime) else None
