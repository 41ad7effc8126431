"""What C-NMC's file names tell: ``UID_<subject>_<picture>_<cell>_<all|hem>``."""

from __future__ import annotations

import polars as pl

from leukoscope.cohort.classes import Classes

PATTERN = r"(?i)^(?:.*[/\\])?UID_(H?\d+)_(\d+)_(\d+)_(all|hem)(?:\.\w+)?$"
CNMC_CLASSES = Classes(("hem", "all"), ("normal cell (HEM)", "leukaemic blast (ALL)"), "all")


def all_cnmc(names: pl.Series) -> bool:
    """Return whether every name follows C-NMC's rule (and there is one)."""
    return len(names) > 0 and bool(names.str.contains(PATTERN).fill_null(value=False).all())


def subjects(names: pl.Series) -> pl.Series:
    """Return the subject of each name, H in upper case.

    Example:
        >>> subjects(pl.Series(["UID_57_29_1_all.bmp", "UID_h49_2_11_hem"])).to_list()
        ['57', 'H49']
    """
    return names.str.extract(PATTERN, 1).str.to_uppercase()


def named_classes(names: pl.Series) -> pl.Series:
    """Return the class that each name ends in: ``all`` or ``hem``."""
    return names.str.extract(PATTERN, 4).str.to_lowercase()
