"""What a head that was fitted at once goes by, measure by measure, as the page shows it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
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


def importance_sections(tables: dict[str, pl.DataFrame], titles: dict[str, str]) -> list[dict[str, Any]]:
    """Return what the page says of each head's measures.

    Args:
        tables: ``importances.csv`` of the run or of each of its models, by its path within the run's folder.
        titles: The classes' titles by name.

    Returns:
        For each table ``source`` (its path), ``model`` (empty of the run itself), ``classes``, ``rows``, ``shown``,
        ``measures``.
    """
    return [_section(source, table, titles) for source, table in tables.items()]


def _section(source: str, table: pl.DataFrame, titles: dict[str, str]) -> dict[str, Any]:
    folders = PurePosixPath(source).parts
    classes = [column.removeprefix(MEAN) for column in table.columns if column.startswith(MEAN)]
    rows = [_row(values, classes) for values in table.head(SHOWN).iter_rows(named=True)]
    titled = [titles.get(name, name) for name in classes]
    return {
        "source": source,
        "model": folders[-2] if len(folders) > 1 else "",
        "classes": titled,
        "rows": rows,
        "shown": len(rows),
        "measures": table.height,
    }


def _row(values: dict[str, Any], classes: list[str]) -> ImportanceRow:
    loss = f"{values['log_loss_more']:+.3f} ± {values['deviation']:.3f}".replace("-", "\u2212")
    means = tuple(_with_unit(values[MEAN + name], values["unit"]) for name in classes)
    return ImportanceRow(values["name"], values["meaning"], loss, means)


def _with_unit(value: float | None, unit: str | None) -> str:
    if value is None:
        return ""
    shown = f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"  # noqa: PLR2004 - three figures are enough
    return f"{shown} {unit}".replace("-", "\u2212") if unit and unit != "1" else shown.replace("-", "\u2212")
