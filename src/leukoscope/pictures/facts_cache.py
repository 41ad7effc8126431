"""What was found out of pictures that were looked at before, kept beside the store by the content of their files."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from leukoscope.errors import DataError
from leukoscope.files import read_table, write_bytes
from leukoscope.pictures.decode import DECODER_VERSION
from leukoscope.pictures.facts import SCHEMA, Facts
from leukoscope.pictures.measure import Measure, Row, load_measured, save_measured


def facts_file(folder: Path) -> Path:
    """Return where a store's folder keeps the facts, by the decoder's version."""
    return folder / f"facts.{DECODER_VERSION}.parquet"


def load_facts(folder: Path) -> dict[str, Facts]:
    """Return the known facts by the SHA-256 of the file; none where the table is missing or damaged (it is a cache)."""
    path = facts_file(folder)
    if not path.is_file():
        return {}
    try:
        table = read_table(path)
    except DataError:
        return {}
    if dict(table.schema) != SCHEMA:
        return {}
    return {row["sha256"]: Facts(**row) for row in table.iter_rows(named=True)}


def save_facts(folder: Path, facts: dict[str, Facts]) -> None:
    """Write the facts, whole or not at all."""
    written = io.BytesIO()  # in memory first: a full disk is then an OSError, not one of Polars' own
    table_of(list(facts.values())).write_parquet(written)
    write_bytes(facts_file(folder), written.getvalue())


@dataclass(frozen=True)
class IntakeCache:
    """All that a store's folder knows of pictures, by the SHA-256 of their files.

    Args:
        folder: The store's folder.
        measures: What else is computed of each picture.
        facts: The facts.
        measured: For each measure, its rows.
    """

    folder: Path
    measures: tuple[Measure, ...]
    facts: dict[str, Facts]
    measured: tuple[dict[str, Row], ...]

    @classmethod
    def load(cls, folder: Path, measures: tuple[Measure, ...]) -> IntakeCache:
        """Return what is known; nothing of what is missing or damaged."""
        return cls(folder, measures, load_facts(folder), tuple(load_measured(folder, one) for one in measures))

    def add(self, facts: Facts, rows: tuple[Row, ...]) -> None:
        """Add one picture: its facts and a row of each measure."""
        assert facts.sha256 is not None, "only what was read has a hash"
        self.facts[facts.sha256] = facts
        if facts.problem is None:
            for known, row in zip(self.measured, rows, strict=True):
                known[facts.sha256] = row

    def save(self) -> None:
        """Write all of it, each table whole or not at all."""
        save_facts(self.folder, self.facts)
        for measure, rows in zip(self.measures, self.measured, strict=True):
            save_measured(self.folder, measure, rows)


def table_of(facts: list[Facts]) -> pl.DataFrame:
    """Return facts as a table with the columns of ``SCHEMA``."""
    return pl.DataFrame([one.as_row() for one in facts], schema=SCHEMA, orient="row")
