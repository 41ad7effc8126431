"""What a head that was fitted at once goes by, measure by measure, as the page shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

SHOWN = 15
"""So many measures stand on the page; all of them stand in the table."""
MEAN = "mean_"


@dataclass(frozen=True)
class ImportanceRow:
    """One measure.

    Args:
        name: As tables name it.
        meaning: In words.
        loss: By how much the log-loss grows without it, and the deviation of that.
        means: Its mean in each class, with its unit; empty for a network's features.
    """

    name: str
    meaning: str
    loss: str
    means: tuple[str, ...]


def importance_section(table: pl.DataFrame | None, titles: dict[str, str]) -> dict[str, Any] | None:
    """Return what the page says of a head's measures; None where there is no table.

    Args:
        table: ``importances.csv``.
        titles: The classes' titles by name.
    """
    if table is None:
        return None
    classes = [column.removeprefix(MEAN) for column in table.columns if column.startswith(MEAN)]
    rows = [_row(values, classes) for values in table.head(SHOWN).iter_rows(named=True)]
    titled = [titles.get(name, name) for name in classes]
    return {"classes": titled, "rows": rows, "shown": len(rows), "measures": table.height}


def _row(values: dict[str, Any], classes: list[str]) -> ImportanceRow:
    loss = f"{values['log_loss_more']:+.3f} ± {values['deviation']:.3f}".replace("-", "\u2212")
    means = tuple(_with_unit(values[MEAN + name], values["unit"]) for name in classes)
    return ImportanceRow(values["name"], values["meaning"], loss, means)


def _with_unit(value: float | None, unit: str | None) -> str:
    if value is None:
        return ""
    shown = f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"  # noqa: PLR2004 - three figures are enough
    return f"{shown} {unit}".replace("-", "\u2212") if unit and unit != "1" else shown.replace("-", "\u2212")
