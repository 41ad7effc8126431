"""A split: which cell is in which part, the seal on its test part, and the statement that proves it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from leukoscope.cohort.cohort import Cohort
from leukoscope.files import write_table

PARTS = ("train", "validation", "test")


@dataclass(frozen=True)
class Split:
    """Cells divided into parts.

    Args:
        table: One row a cell that is in a part: ``id``, ``group`` (its linked group), ``part`` (one of
            ``train``, ``validation``, ``test``).
        kind: How it was made: ``holdout``, ``official``, ``file``.
        by: What is kept together: ``patient`` or ``cell`` (in both cases with whatever is linked to it).
        seed: The seed it was drawn with; None where nothing was drawn.
        leakage: The reason given for allowing a leak; None where there is none. Once set it marks whatever is made
            with this split.
        statement: The proof in one line: "31 patients | 12 patients, 0 shared, 0 linked".
        warnings: What cannot be promised, a sentence each.
    """

    table: pl.DataFrame
    kind: str
    by: str
    seed: int | None = None
    leakage: str | None = None
    statement: str = ""
    warnings: tuple[str, ...] = field(default=())

    def ids(self, part: str) -> pl.Series:
        """Return the ids of one part."""
        return self.table.filter(pl.col("part") == part)["id"]

    def part(self, cohort: Cohort, part: str) -> Cohort:
        """Return the cells of one part as a cohort."""
        return cohort.select(self.ids(part))

    def development(self, cohort: Cohort) -> Cohort:
        """Return the cohort with the test rows gone: all that training, thresholds and calibration may see."""
        return cohort.select(self.table.filter(pl.col("part") != "test")["id"])

    def save(self, path: Path) -> None:
        """Write the table to a csv file that ``from_file`` reads."""
        write_table(path, self.table)

    def __repr__(self) -> str:
        counted = dict(self.table.group_by("part").len().iter_rows())
        parts = ", ".join(f"{part} {counted[part]:,} cells" for part in PARTS if part in counted)
        seed = "" if self.seed is None else f", seed {self.seed}"
        lines = [f"Split ({self.kind}, by {self.by}{seed}): {parts}", f"  {self.statement}"]
        lines += [f"  LEAKAGE ALLOWED: {self.leakage}"] if self.leakage else []
        return "\n".join(lines + [f"  warning: {warning}" for warning in self.warnings])
