"""Columns that tell how data were gathered rather than what a patient is like."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

# Where, when and by what pictures were made, told by the first word of a column's name.
PLACES_AND_TIMES = (
    "site|hospital|centre|center|clinic|lab|laboratory|institution|scanner|microscope|camera|machine|batch|slide|stain"
    "|operator|date|year|month|day|sampled|collected|acquired|scanned"
)
# How something is written says who typed it, not whom it is of.
WRITING = ("_format", "_as_written")
PICTURES = "pictures"
COUNTED = ("row", PICTURES)


def is_circumstance(name: str) -> bool:
    """Whether a column's name speaks of how pictures or tables came about, not of a patient.

    Example:
        >>> [is_circumstance(name) for name in ("site", "born_format", "row", "pictures", "age", "stained")]
        [True, True, True, True, False, False]
    """
    named = pl.Series([name]).str.contains(rf"(?i)^({PLACES_AND_TIMES})(_|$)").item()
    return name in COUNTED or name.endswith(WRITING) or bool(named)


def circumstances_in(inputs: Iterable[str]) -> tuple[str, ...]:
    """Return a sentence for each input that says how the data were gathered: allowed by name, but never unsaid.

    Example:
        >>> circumstances_in(["age", "row"])
        ("The input 'row' tells how the data were gathered, not what a patient is like; it was asked for by name.",)
    """
    return tuple(
        f"The input {name!r} tells how the data were gathered, not what a patient is like; it was asked for by name."
        for name in inputs
        if is_circumstance(name)
    )
