"""``rates.csv`` and ``curves.csv``: what members and rules miss at an equal rate of false alarms."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from leukoscope.errors import DataError
from leukoscope.evaluation import missed_at
from leukoscope.runs.spoken import Spoken, bounds

RATE = "false_negative_rate"
SCHEMA: dict[str, pl.DataType] = {
    "name": pl.String(),
    "kind": pl.String(),
    "false_positive_rate": pl.Float64(),
    **{f"{RATE}{end}": pl.Float64() for end in ("", "_low", "_high")},
}
CURVE: dict[str, pl.DataType] = {
    "name": pl.String(),
    "kind": pl.String(),
    "fpr": pl.Float64(),
    "tpr": pl.Float64(),
}


def rates_table(said: Sequence[Spoken]) -> pl.DataFrame:
    """Return what each misses of the positive class at equal rates of false alarms, on the test part.

    Args:
        said: Members and rules of two classes.

    Returns:
        ``name``, ``kind``, ``false_positive_rate``, ``false_negative_rate`` with its interval; without rows where a
        class has none.

    Raises:
        SettingsError: there are more than two classes.
    """
    rows = []
    for one in said:
        try:
            found = missed_at(one.test)
        except DataError:
            return pl.DataFrame(schema=SCHEMA)
        rows += [
            {"name": one.name, "kind": one.kind, "false_positive_rate": at.false_positive_rate}
            | bounds(at.false_negative_rate, RATE)
            for at in found
        ]
    return pl.DataFrame(rows, schema=SCHEMA)


def curves_table(said: Sequence[Spoken]) -> pl.DataFrame:
    """Return the ROC curves of the positive class on the test part: ``name``, ``kind``, ``fpr``, ``tpr``.

    Args:
        said: Members and rules of two classes.
    """
    rows = []
    for one in said:
        for curve in one.scored.curves["roc"].values():
            points = zip(curve["fpr"], curve["tpr"], strict=True)
            rows += [{"name": one.name, "kind": one.kind, "fpr": across, "tpr": up} for across, up in points]
    return pl.DataFrame(rows, schema=CURVE)
