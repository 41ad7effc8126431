"""What is drawn together when intervals are made: linked groups, patients, or single cells."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

GROUP, PATIENT, CELL = "linked group of patients", "patient", "cell"
SIZE_POWER = 1.5


@dataclass(frozen=True)
class Units:
    """The units of the bootstrap.

    Args:
        code: The unit of each row, (n,), 0 to G - 1.
        stratum: The class that each unit is drawn within, (G,).
        size: Rows of each unit, (G,).
        kind: What a unit is: ``linked group of patients``, ``patient`` or ``cell``.
    """

    code: Ints
    stratum: Ints
    size: Ints
    kind: str

    @property
    def number(self) -> int:
        """How many units there are."""
        return len(self.size)

    def members(self) -> list[Ints]:
        """Return the units of each stratum that has any."""
        return [np.flatnonzero(self.stratum == stratum) for stratum in np.unique(self.stratum)]

    def freedom(self) -> Floats:
        """Return the degrees of freedom of each stratum of ``members``.

        (sum of s^1.5)^2 / sum of s^3 - 1 with s the rows of a unit, at least 1: the number of units less one where
        all are of one size, fewer where a few large ones decide. The effective number of clusters of Carter, Schnepel
        & Steigerwald (2017, Review of Economics and Statistics 99:698) with a unit's share of the variance between
        s (independent rows) and s^2 (rows that only repeat each other).
        """
        weights = [self.size[units].astype(np.float64) ** SIZE_POWER for units in self.members()]
        return np.array([max(w.sum() ** 2 / (w**2).sum() - 1, 1.0) for w in weights])


def units_of(table: pl.DataFrame, truth: Ints, declared: Ints, classes: int) -> Units:
    """Find the units of a table of predictions.

    The unit is the linked group where the table has one, else the patient, else the cell itself. A unit is drawn
    within the class of its patient, or else within the class that most of its cells have (of equals the first).

    Args:
        table: Columns ``id``, ``patient``, ``group``; n rows.
        truth: The class of each row, (n,).
        declared: The class of each row's patient, (n,), -1 where none is declared.
        classes: The number of classes.
    """
    single = pl.concat_str(pl.lit("cell:"), pl.int_range(pl.len()).cast(pl.String))
    name = table.select(pl.coalesce("group", "patient", single).alias("unit"))["unit"]
    code = (name.rank("dense").cast(pl.Int64) - 1).to_numpy().astype(np.int64)
    number = int(code.max()) + 1 if len(code) else 0
    votes = np.zeros((number, classes))
    np.add.at(votes, (code, np.where(declared >= 0, declared, truth)), 1)
    return Units(code, votes.argmax(axis=1).astype(np.int64), np.bincount(code, minlength=number), _kind(table))


def _kind(table: pl.DataFrame) -> str:
    if table["patient"].null_count() == table.height:
        return CELL
    return PATIENT if table["group"].null_count() == table.height else GROUP
