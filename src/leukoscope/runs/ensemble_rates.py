"""``rates.csv`` and ``curves.csv``: what members and rules miss at an equal rate of false alarms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from leukoscope.errors import DataError
from leukoscope.evaluation import compare_missed, missed_at
from leukoscope.runs.spoken import Spoken, bounds

RATE = "false_negative_rate"
SCHEMA: dict[str, pl.DataType] = {
    "name": pl.String(),
    "kind": pl.String(),
    "false_positive_rate": pl.Float64(),
    **{f"{RATE}{end}": pl.Float64() for end in ("", "_low", "_high")},
    "against": pl.String(),
    **dict.fromkeys(("difference", "low", "high", "p"), pl.Float64()),
    "unit": pl.String(),
    "clusters": pl.Int64(),
}
PAIRED = ("difference", "low", "high", "p", "unit", "clusters")
CURVE: dict[str, pl.DataType] = {
    "name": pl.String(),
    "kind": pl.String(),
    "fpr": pl.Float64(),
    "tpr": pl.Float64(),
}


def rates_table(said: Sequence[Spoken], best: str | None) -> pl.DataFrame:
    """Return what each misses of the positive class at equal rates of false alarms, on the test part.

    Differences are paired and resample linked groups (``leukoscope.evaluation.compare_missed``): each one's rate less
    that of the best member, which the validation part chose.

    Args:
        said: Members and rules of two classes.
        best: The member that all others are set against; None for no differences.

    Returns:
        ``name``, ``kind``, ``false_positive_rate``, ``false_negative_rate`` with its interval; then ``against`` (the
        best member), ``difference``, ``low``, ``high``, ``p``, ``unit``, ``clusters``, null for that member itself.
        Without rows where a class has none.

    Raises:
        SettingsError: there are more than two classes.
    """
    rival = next((one for one in said if (one.kind, one.name) == ("member", best)), None)
    rows = []
    for one in said:
        try:
            found = missed_at(one.test)
        except DataError:
            return pl.DataFrame(schema=SCHEMA)
        apart = [{}] * len(found) if rival is None or one is rival else _apart(one, rival)
        rows += [
            {"name": one.name, "kind": one.kind, "false_positive_rate": at.false_positive_rate}
            | bounds(at.false_negative_rate, RATE)
            | less
            for at, less in zip(found, apart, strict=True)
        ]
    return pl.DataFrame(rows, schema=SCHEMA)


def _apart(one: Spoken, rival: Spoken) -> list[dict[str, Any]]:
    found = compare_missed(one.test, rival.test)
    return [{"against": rival.name, **{name: getattr(less, name) for name in PAIRED}} for less in found]


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
