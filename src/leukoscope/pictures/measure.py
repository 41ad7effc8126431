"""What else is computed of every picture while it is decoded: a name, a version, its columns and a function."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from leukoscope.errors import DataError
from leukoscope.files import read_table, write_bytes
from leukoscope.pictures.conversion import Pixels
from leukoscope.pictures.decode import DECODER_VERSION
from leukoscope.pictures.facts import Facts

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Measure:
    """Something that is computed of each picture in the intake's single pass.

    Args:
        name: What it is called, ``"fingerprint"``.
        version: Raised whenever the same picture would give other values; kept values of other versions are not used.
        columns: The columns that it gives.
        take: Makes one row of them from the pixels, (h, w, 3) uint8 RGB, and the picture's facts. It is called from
            several threads, and must depend on nothing else.
    """

    name: str
    version: int
    columns: Mapping[str, pl.DataType]
    take: Callable[[Pixels, Facts], Row]

    @property
    def key(self) -> str:
        """Name and version: ``fingerprint.1``."""
        return f"{self.name}.{self.version}"

    @property
    def nothing(self) -> Row:
        """The row of a picture that cannot be read: every column null."""
        return dict.fromkeys(self.columns)

    def table(self, rows: list[Row]) -> pl.DataFrame:
        """Return rows as a table."""
        return pl.DataFrame(rows, schema=dict(self.columns), orient="row")


def load_measured(folder: Path, measure: Measure) -> dict[str, Row]:
    """Return what a store's folder keeps of a measure, by the SHA-256 of the file; none where it is missing or damaged.

    Args:
        folder: The store's folder.
        measure: The measure.
    """
    path = _file(folder, measure)
    if not path.is_file():
        return {}
    try:
        table = read_table(path)
    except DataError:
        return {}  # it is a cache: what is damaged is computed again
    if dict(table.schema) != {"sha256": pl.String(), **measure.columns}:
        return {}
    return {row.pop("sha256"): row for row in table.iter_rows(named=True)}


def save_measured(folder: Path, measure: Measure, rows: Mapping[str, Row]) -> None:
    """Write what is known of a measure, by the SHA-256 of the file, whole or not at all."""
    keys = pl.DataFrame({"sha256": list(rows)}, schema={"sha256": pl.String})
    written = io.BytesIO()
    pl.concat([keys, measure.table(list(rows.values()))], how="horizontal").write_parquet(written)
    write_bytes(_file(folder, measure), written.getvalue())


def _file(folder: Path, measure: Measure) -> Path:
    return folder / f"measured.{measure.key}.{DECODER_VERSION}.parquet"
