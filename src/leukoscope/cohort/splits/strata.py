"""The declared fact (sex, site) that a split is stratified by, beside the class."""

from __future__ import annotations

import polars as pl

from leukoscope.cohort.cohort import Cohort
from leukoscope.errors import SettingsError, nearest

NO_FACTS = ("id", "path", "label", "patient", "excluded", "training_only", "mask")
MOST_VALUES = 20
UNKNOWN = "unknown"


def stratum_of(cells: pl.DataFrame, cohort: Cohort, fact: str) -> pl.Series:
    """Return the value of a fact for each cell, as text; ``unknown`` where it is not stated.

    Args:
        cells: Columns ``id`` and ``patient``.
        cohort: The cohort; the fact is a column of its cells or, if none of theirs, of its patients.
        fact: The column's name.

    Raises:
        SettingsError: there is no such fact, or it has too many values to be balanced.
    """
    of_cells = [name for name in cohort.cells.columns if name not in NO_FACTS]
    of_patients = [name for name in cohort.patients.columns if name not in NO_FACTS]
    if fact not in (*of_cells, *of_patients):
        raise SettingsError(
            f"The data set has no fact {fact!r} to stratify by.",
            where="split.stratify",
            do=nearest(fact, {*of_cells, *of_patients}),
        )
    key, table = ("id", cohort.cells) if fact in of_cells else ("patient", cohort.patients)
    named = table.select(key, stratum=pl.col(fact).cast(pl.String).fill_null(UNKNOWN))
    stratum = cells.select(key).join(named, on=key, how="left", maintain_order="left")["stratum"].fill_null(UNKNOWN)
    if stratum.n_unique() > MOST_VALUES:
        raise SettingsError(
            f"The fact {fact!r} has {stratum.n_unique():,} values; a split can be stratified by {MOST_VALUES} at most.",
            where="split.stratify",
            do="Make groups of it first, in a column of its own: age_group = under 40, 40 to 60, over 60.",
        )
    return stratum
