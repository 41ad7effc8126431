"""A split: which cell is in which part, the seal on its test part, and the statement that proves it."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.splits.labels import known_labels
from leukoscope.errors import DataError, counted, nearest
from leukoscope.files import write_table

PARTS = ("train", "validation", "test")


@dataclass(frozen=True)
class Split:
    """Cells divided into parts.

    Args:
        table: One row a cell that is in a part, sorted by id: ``id``, ``group`` (its linked group), ``part`` (one of
            ``train``, ``validation``, ``test``).
        kind: How it was made: ``holdout``, ``official``, ``file``, ``folds``, ``repeated``, ``leave_one_out``.
        by: What is kept together: ``patient`` or ``cell`` (in both cases with whatever is linked to it).
        seed: The seed it was drawn with; None where nothing was drawn.
        leakage: The reason given for allowing a leak; None where there is none. Once set it marks whatever is made
            with this split.
        statement: The proof in one line: "31 patients in train | 12 patients in test, 0 shared, 0 linked".
        warnings: What cannot be promised, a sentence each.
        number: Which it is of several splits of the same cells (folds, repeats), from 0; None where it is the only one.
        of: How many there are.
        seen: What the weights that a training with this split begins with had seen of the test part, in a sentence; it
            marks as a leak does.

    Raises:
        DataError: a cell stands in the table twice, or in a part that is none.
    """

    table: pl.DataFrame
    kind: str
    by: str
    seed: int | None = None
    leakage: str | None = None
    statement: str = ""
    warnings: tuple[str, ...] = ()
    number: int | None = None
    of: int | None = None
    seen: str | None = None

    def __post_init__(self) -> None:
        wrong = self.table.filter(~pl.col("part").is_in(PARTS))["part"]
        if wrong.len():
            raise DataError(f"There is no part {wrong[0]!r}.", do=nearest(wrong[0], PARTS))
        twice = self.table["id"].filter(self.table["id"].is_duplicated())
        if twice.len():
            more = twice.n_unique() - 1
            raise DataError("A cell stands in the split more than once.", where=twice[0], more=more)
        if not self.table["id"].is_sorted():
            object.__setattr__(self, "table", self.table.sort("id"))

    @property
    def mark(self) -> str | None:
        """Why scores on this split's test part are not ones on unseen cells; None where nothing is known against it."""
        return "; ".join(filter(None, [self.leakage, self.seen])) or None

    def ids(self, part: str) -> pl.Series:
        """Return the ids of one part."""
        return self.table.filter(pl.col("part") == part)["id"]

    def part(self, cohort: Cohort, part: str) -> Cohort:
        """Return the cells of one part as a cohort."""
        return cohort.select(self.ids(part))

    def development(self, cohort: Cohort) -> Cohort:
        """Return the cohort with the test rows gone: all that training, thresholds and calibration may see."""
        return cohort.select(self.table.filter(pl.col("part") != "test")["id"])

    def counts(self, cohort: Cohort) -> dict[str, dict[str, Any]]:
        """Return what each part holds, parts in the order of ``PARTS``.

        Returns:
            ``{part: {"cells": n, "patients": n or None where none are known, "groups": n, "classes": {class: n}}}``.
        """
        cells = self.table.join(known_labels(cohort).select("id", "patient", "label"), on="id", how="left")
        return {part: _counts_of(cells.filter(pl.col("part") == part), cohort) for part in PARTS}

    def as_json(self, cohort: Cohort) -> dict[str, Any]:
        """Return how the split was made and what it holds as plain JSON values, without its rows."""
        names = ("kind", "number", "of", "by", "seed", "leakage", "seen", "statement")
        said = {name: getattr(self, name) for name in names}
        return {**said, "warnings": list(self.warnings), "counts": self.counts(cohort)}

    def save(self, path: Path) -> None:
        """Write the table to a csv or parquet file that ``from_file`` reads."""
        save_splits([self], path)

    def __repr__(self) -> str:
        counts = dict(self.table.group_by("part").len().iter_rows())
        parts = ", ".join(f"{part} {counted(counts[part], 'cell')}" for part in PARTS if part in counts)
        seed = "" if self.seed is None else f", seed {self.seed}"
        which = "" if self.of is None else f", number {self.number} of 0 to {self.of - 1}"
        lines = [f"Split ({self.kind}{which}, by {self.by}{seed}): {parts or 'no cells'}"]
        lines += [f"  {self.statement}"] if self.statement else []
        lines += [f"  LEAKAGE: {self.mark}"] if self.mark else []
        return "\n".join(lines + [f"  warning: {warning}" for warning in self.warnings])

    def _repr_html_(self) -> str:
        head, *rest = (html.escape(line.strip()) for line in repr(self).splitlines())
        mark = ' style="color:#b00020"'
        items = "".join(f"<li{mark if line.startswith('LEAKAGE') else ''}>{line}</li>" for line in rest)
        return f"<b>{head}</b><ul>{items}</ul>"


def save_splits(splits: Sequence[Split], path: Path) -> None:
    """Write splits to one csv or parquet file that ``from_file`` reads.

    Args:
        splits: One or more splits of the same cells.
        path: The file. A single split gives the columns ``id``, ``group``, ``part``; of several each gives its rows,
            with its number before them: ``split``, ``id``, ``group``, ``part``.
    """
    if len(splits) == 1:
        write_table(path, splits[0].table)
        return
    numbered = [
        split.table.select(pl.lit(place).alias("split"), "id", "group", "part") for place, split in enumerate(splits)
    ]
    write_table(path, pl.concat(numbered))


def _counts_of(cells: pl.DataFrame, cohort: Cohort) -> dict[str, Any]:
    labels = dict(cells.group_by("label").len().iter_rows())
    patients = cells["patient"].drop_nulls().n_unique()
    return {
        "cells": cells.height,
        "patients": patients or None,
        "groups": cells["group"].n_unique(),
        "classes": {name: labels.get(name, 0) for name in cohort.classes.names},
    }
