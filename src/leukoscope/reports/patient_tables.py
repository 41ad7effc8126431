"""What the pages of patients are made of: the tables of evidence in a run's folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from leukoscope.errors import DataError
from leukoscope.files import read_json, read_table

FORMAT = 1
TEXTS = ("patient", "id", "stem", "label", "called", "reason", "explained", "fact", "value")


@dataclass(frozen=True)
class PatientTables:
    """The evidence in a folder.

    Args:
        folder: The folder.
        record: ``evidence.json``.
        patients: ``evidence_patients.csv``: ``patient``, ``stem``, ``label``, ``called``, ``referred``, ``reason``,
            ``explained``, ``probability``, ``low``, ``high``, ``cells``, ``logit``, ``evidence``, ``sums``.
        cells: ``evidence.parquet``: ``patient``, ``id``, ``evidence``, ``rank``, ``share``, ``mean_logit``,
            ``sheet_left``, ``sheet_top``.
        moves: ``facts_moves.csv``: ``patient``, ``fact``, ``value``, ``moved``; None where facts play no part.
        bag_weights: ``bag_weights.csv``; None where the aggregator has none.
        logit_maps: ``logit_maps.csv``; None where there are none.
    """

    folder: Path
    record: dict[str, Any]
    patients: pl.DataFrame
    cells: pl.DataFrame
    moves: pl.DataFrame | None
    bag_weights: pl.DataFrame | None
    logit_maps: pl.DataFrame | None

    @property
    def positive(self) -> str | None:
        """The positive class; None for more than two."""
        return None if self.record["classes"]["positive"] is None else str(self.record["classes"]["positive"])

    def title(self, name: str | None) -> str:
        """Return a class's title; the name itself where it is not one of the classes."""
        classes = self.record["classes"]
        titles: dict[str | None, str] = dict(zip(classes["names"], classes["titles"], strict=True))
        return titles.get(name, str(name))

    def sheet(self, stem: str) -> Path:
        """Return the sheet of a patient's cells."""
        return self.folder / "evidence" / f"{stem}.png"


def read_patient_tables(folder: Path) -> PatientTables:
    """Read the evidence of a run.

    Args:
        folder: The run's folder.

    Raises:
        DataError: there is no evidence, it is of another format, or a table is damaged.
    """
    if not (folder / "evidence.json").is_file():
        raise DataError(
            "This folder holds no evidence of patients.",
            where=str(folder / "evidence.json"),
            do="Name the --out of a training with task: patients.",
        )
    record: dict[str, Any] = read_json(folder / "evidence.json")
    if record.get("format") != FORMAT:
        raise DataError(f"This evidence is not of format {FORMAT}.", where=str(folder / "evidence.json"))
    return PatientTables(
        folder,
        record,
        _typed(read_table(folder / "evidence_patients.csv", text=True)),
        read_table(folder / "evidence.parquet"),
        _optional(folder / "facts_moves.csv"),
        _optional(folder / "bag_weights.csv"),
        _optional(folder / "logit_maps.csv"),
    )


def _optional(path: Path) -> pl.DataFrame | None:
    return _typed(read_table(path, text=True)) if path.is_file() else None


def _typed(table: pl.DataFrame) -> pl.DataFrame:
    """Return the table with numbers and truths as such; names stay text: a patient 007 stays 007."""
    truths = {name: pl.col(name) == "true" for name in ("referred", "sums") if name in table.columns}
    numbers = [name for name in table.columns if name not in {*TEXTS, *truths}]
    return table.with_columns(pl.col(numbers).cast(pl.Float64), **truths)
