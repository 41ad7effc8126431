"""What an external validation gave, as an object."""

from __future__ import annotations

import html
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from leukoscope.evaluation.scores import Scores
from leukoscope.files import read_table
from leukoscope.reports.validation_folder import ValidationFolder
from leukoscope.reports.validation_words import beside_words, moved_words, recalibrated_words
from leukoscope.reports.words import metric_title


@dataclass(frozen=True, eq=False)
class Validation:
    """A bundle that was held against another cohort.

    Args:
        folder: Where everything was written.
        scores: The scores of the whole cohort, by the bundle as it is.
        record: ``validation.json``.
        warnings: What whoever uses the scores must know, a sentence each.
        notes: What was passed over, a sentence each.
    """

    folder: Path
    scores: Scores
    record: dict[str, Any]
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def beside(self) -> pl.DataFrame:
        """The scores at home, here, and their differences."""
        return read_table(ValidationFolder(self.folder).beside)

    @property
    def drift(self) -> pl.DataFrame:
        """How far pictures and answers have moved."""
        return read_table(ValidationFolder(self.folder).drift)

    @property
    def recalibration(self) -> pl.DataFrame | None:
        """The scores of the rest before and after recalibration; None where there was none."""
        path = ValidationFolder(self.folder).recalibration
        return read_table(path) if path.is_file() else None

    @property
    def bundle(self) -> Path | None:
        """The recalibrated bundle; None where there was no recalibration."""
        return ValidationFolder(self.folder).bundle if self.record["recalibration"] else None

    def __repr__(self) -> str:
        lines = [f"{self.record['bundle']['name']!r} on {self.record['data']['name']!r}: {self.record['whom']}"]
        lines += [f"  LEAKAGE: {self.scores.leakage}"] if self.scores.leakage else []
        shown = self.beside.filter(pl.col("here").is_not_null()).to_dicts()
        lines += [f"  {metric_title(row['score'])}: {beside_words(row)}" for row in shown]
        lines += [f"  {sentence}" for sentence in moved_words(self.drift.to_dicts())]
        found = self.record["recalibration"]
        lines += [f"  {sentence}" for sentence in recalibrated_words(found)] if found else []
        return "\n".join([*lines, f"  report: {ValidationFolder(self.folder).page}"])

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(repr(self))}</pre>"
