"""Tables of hashes: what a publisher, or ``sha256sum``, says of pictures that are not at hand."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from leukoscope.cohort.readers.rows import trimmed, with_plain_header
from leukoscope.errors import DataError
from leukoscope.files import TABLE_ENDINGS, read_table

SCHEMA = {"path": pl.String(), "sha256": pl.String(), "bytes": pl.Int64()}
NEEDED = ("path", "sha256")
DIGEST = r"^[0-9a-f]{64}$"
FIRST_ROW = 2  # of a csv, whose header is row 1


def column_names(path: Path) -> tuple[str, ...]:
    """Return the column names of a csv or parquet file without reading its rows; none where it is neither.

    A damaged file has none either: what is wrong with it is said where it is read.
    """
    if not path.is_file() or path.suffix.lower() not in TABLE_ENDINGS:
        return ()
    try:
        if path.suffix.lower() == ".parquet":
            return tuple(pl.scan_parquet(path, glob=False).collect_schema())
        return tuple(name.strip() for name in pl.read_csv(path, n_rows=0, infer_schema=False, glob=False).columns)
    except (pl.exceptions.PolarsError, OSError, UnicodeDecodeError):
        return ()


def is_hash_table(path: Path) -> bool:
    """Whether a path is a csv or parquet file with the columns ``path`` and ``sha256``."""
    return set(NEEDED) <= set(column_names(path))


def read_hashes(path: Path) -> pl.DataFrame:
    """Read a table of hashes.

    Args:
        path: A csv or parquet file with the columns ``path`` and ``sha256`` and, where known, ``bytes``.

    Returns:
        One row a file, in the table's order: ``path`` (text, with ``/``), ``sha256`` (64 hexadecimal digits in lower
        case; null where it is not stated) and ``bytes`` (int64; null where it is not stated).

    Raises:
        DataError: a row without path, a path on two rows, a hash that is none, bytes that are no number.
    """
    table = with_plain_header(read_table(path, text=True))
    absent = [pl.lit(None).alias(name) for name in SCHEMA if name not in table.columns]
    rows = table.with_columns(absent).select(trimmed(name) for name in SCHEMA)
    rows = rows.with_columns(
        pl.col("path").str.replace_all("\\", "/", literal=True).str.replace(r"^(?:\./)+", ""),
        pl.col("sha256").str.to_lowercase(),
        number=pl.col("bytes").cast(pl.Int64, strict=False),
    )
    _refuse(rows["path"].is_null(), path, "A row has no path.")
    _refuse(~rows["path"].is_first_distinct(), path, "A path stands on more than one row.")
    wrong = ~rows["sha256"].str.contains(DIGEST)
    _refuse(wrong.fill_null(value=False), path, "A sha256 is not 64 hexadecimal digits.")
    _refuse(rows["number"].is_null() & rows["bytes"].is_not_null(), path, "The bytes of a file are no whole number.")
    return rows.select("path", "sha256", bytes="number")


def _refuse(wrong: pl.Series, path: Path, what: str) -> None:
    """Raise if any row is wrong, naming the first."""
    places = wrong.arg_true()
    if places.len():
        where = f"{path}, row {places[0] + FIRST_ROW}"
        raise DataError(what, where=where, more=places.len() - 1, do="Correct the table, or take the row out.")
