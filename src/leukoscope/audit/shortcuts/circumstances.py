"""Columns that a table declares: which are circumstances of the pictures, which are facts of the patient."""

from __future__ import annotations

import polars as pl

# Where, when and by what pictures were made, told by the first word of a column's name.
PLACES_AND_TIMES = (
    "site|hospital|centre|center|clinic|lab|laboratory|institution|scanner|microscope|camera|machine|batch|slide|stain"
    "|operator|date|year|month|day|sampled|collected|acquired|scanned"
)
# How something is written says who typed it, not whom it is of.
WRITING = "_format"
MOST_WORDS = 20
MOSTLY = 0.9


def is_circumstance(name: str) -> bool:
    """Whether a column's name speaks of how pictures or tables came about, not of a patient.

    Example:
        >>> [is_circumstance(name) for name in ("site", "scanner_id", "born_format", "age", "stained")]
        [True, True, True, False, False]
    """
    named = pl.Series([name]).str.contains(rf"(?i)^({PLACES_AND_TIMES})(_|$)").item()
    return name.endswith(WRITING) or bool(named)


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
