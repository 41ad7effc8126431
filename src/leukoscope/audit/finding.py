"""A finding: one thing that is wrong with a data set, or good to know, with the rows behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import polars as pl

Severity = Literal["note", "warning", "error"]


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
    """

    code: str
    severity: Severity
    sentence: str
    count: int
    tables: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    do: str | None = None

    @property
    def table(self) -> pl.DataFrame:
        """The first table; an empty one where there is none."""
        return next(iter(self.tables.values()), pl.DataFrame())

    def as_json(self) -> dict[str, Any]:
        """Return the finding as plain JSON values, each table as a list of rows under its name."""
        said = {key: getattr(self, key) for key in ("code", "severity", "sentence", "do", "count")}
        return {**said, **{name: table.to_dicts() for name, table in self.tables.items()}}
