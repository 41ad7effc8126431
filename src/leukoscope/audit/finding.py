"""A finding: one thing that is wrong with a data set, or good to know, with the rows behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import polars as pl

Severity = Literal["note", "warning", "error"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")
SHOWN_PICTURES = 24
SHOWN_PAIRS = 100


@dataclass(frozen=True)
class Finding:
    """What one check found.

    Args:
        code: A short name for programs: ``identical_across_patients``.
        severity: ``note``: good to know. ``warning``: it can spoil or flatter a score. ``error``: it does so wherever
            it is not taken care of.
        sentence: What was found, for a haematologist.
        count: How many cells, pairs, patients or classes are concerned.
        tables: The rows behind it, by what they are: ``{"pairs": ..., "by_patients": ...}``; the first one has a row
            for each thing counted, in a fixed order.
        do: What to do about it; None where nothing needs doing.
        pictures: Ids of pictures to look at, some dozens at most; those of an inner tuple belong side by side.
    """

    code: str
    severity: Severity
    sentence: str
    count: int
    tables: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    do: str | None = None
    pictures: tuple[tuple[str, ...], ...] = ()

    @property
    def rank(self) -> int:
        """Its place by severity: 0 for an error, 1 for a warning, 2 for a note."""
        return SEVERITIES.index(self.severity)

    @property
    def table(self) -> pl.DataFrame:
        """The first table; an empty one where there is none."""
        return next(iter(self.tables.values()), pl.DataFrame())

    def as_json(self) -> dict[str, Any]:
        """Return the finding as plain JSON values, each table as a list of rows under its name."""
        said = {key: getattr(self, key) for key in ("code", "severity", "sentence", "do", "count")}
        said["pictures"] = [list(ids) for ids in self.pictures]
        return {**said, **{name: _plain(table).to_dicts() for name, table in self.tables.items()}}


def _plain(table: pl.DataFrame) -> pl.DataFrame:
    """Return a table whose dates are text, as JSON has it."""
    return table.with_columns(pl.selectors.temporal().cast(pl.String))


def singly(table: pl.DataFrame) -> tuple[tuple[str, ...], ...]:
    """Return the first pictures of a table, to be shown one by one.

    Args:
        table: Column ``id``.
    """
    return tuple((name,) for name in table["id"].head(SHOWN_PICTURES))


def in_pairs(table: pl.DataFrame) -> tuple[tuple[str, ...], ...]:
    """Return the first pairs of pictures of a table, to be shown side by side.

    Args:
        table: Columns ``id_a`` and ``id_b``.
    """
    return tuple(table.select("id_a", "id_b").head(SHOWN_PAIRS).iter_rows())
