"""Reading the tables of an error analysis: names stay text as they were written, numbers become numbers."""

from __future__ import annotations

from typing import Any

import polars as pl

from leukoscope.errors import DataError
from leukoscope.files import read_table
from leukoscope.reports.mistakes_folder import MistakesFolder

WHOLE = (
    *("missed_by", "cells", "of", "patients", "place", "wrong", "missed", "patients_with_missed"),
    *("both_right", "only_first_right", "only_second_right", "both_wrong"),
)
DECIMAL = (
    *("from", "to", "error_rate", "low", "high", "auc", "margin", "threshold", "share", "yule_q", "kappa"),
    *("disagreement", "disagreement_low", "disagreement_high"),
    *("double_fault", "double_fault_low", "double_fault_high", "probability_of_label", "probability_of_look"),
)

Row = dict[str, Any]


def read_mistakes(folder: MistakesFolder, name: str) -> list[Row]:
    """Return the rows of a table; empty fields are None.

    Args:
        folder: The folder of an error analysis.
        name: One of ``mistakes_folder.TABLES``, but ``missed`` and ``properties``, whose columns are the models' and
            the cells' own.

    Raises:
        DataError: the table is missing or damaged.
    """
    path = folder.table(name)
    table = read_table(path, text=True)
    kinds: dict[str, Any] = {**dict.fromkeys(WHOLE, pl.Int64()), **dict.fromkeys(DECIMAL, pl.Float64())}
    try:
        table = table.cast({column: kinds[column] for column in table.columns if column in kinds})
    except pl.exceptions.InvalidOperationError:
        raise DataError("This table has text where a number must be.", where=str(path)) from None
    return table.to_dicts()
