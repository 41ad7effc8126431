"""What C-NMC's file names tell: ``UID_<subject>_<picture>_<cell>_<all|hem>``."""

from __future__ import annotations

import polars as pl

from leukoscope.cohort.readers.cnmc import NAME
from leukoscope.predictions.matching import stems


def all_cnmc(names: pl.Series) -> bool:
    """Return whether every name follows C-NMC's rule (and there is one)."""
    return len(names) > 0 and bool(stems(names).str.contains(NAME).fill_null(value=False).all())


def subjects(names: pl.Series) -> pl.Series:
    """Return the subject of each name, H in upper case.

    Example:
        >>> subjects(pl.Series(["UID_57_29_1_all.bmp", "UID_h49_2_11_hem"])).to_list()
        ['57', 'H49']
    """
    return stems(names).str.extract(NAME, 1).str.to_uppercase()


def named_classes(names: pl.Series) -> pl.Series:
    """Return the class that each name ends in: ``all`` or ``hem``."""
    return stems(names).str.extract(NAME, 4).str.to_lowercase()
