"""Facts of pictures that were looked at before, kept beside the store by the content of their files."""

from __future__ import annotations

import io
from pathlib import Path

import polars as pl

from leukoscope.errors import DataError
from leukoscope.files import read_table, write_bytes
from leukoscope.pictures.decode import DECODER_VERSION
from leukoscope.pictures.facts import SCHEMA, Facts


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


def table_of(facts: list[Facts]) -> pl.DataFrame:
    """Return facts as a table with the columns of ``SCHEMA``."""
    return pl.DataFrame([one.as_row() for one in facts], schema=SCHEMA, orient="row")
