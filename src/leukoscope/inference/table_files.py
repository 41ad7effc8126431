"""Tables of predictions on disk: of any length, in the memory of a few thousand rows."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet as pq

from leukoscope.bundles.ensemble_bundle import AnyBundle
from leukoscope.bundles.parts import CARD, versions
from leukoscope.files import replacing, sha256

ROWS_A_PIECE = 8192
SHOWN_DIGITS = 12


def write_blocks(out: Path, blocks: Iterable[pl.DataFrame]) -> None:
    """Write blocks of rows into one csv or parquet file, by its ending; it appears when it is whole.

    Args:
        out: The file.
        blocks: One or more, all of the same columns.
    """
    with replacing(out) as temporary:
        (_write_parquet if out.suffix == ".parquet" else _write_csv)(temporary, _pieces(blocks))


def beside(out: Path, what: str) -> Path:
    """Return the name of a second table.

    Example:
        >>> beside(Path("out/said.csv"), "patients").as_posix()
        'out/said_patients.csv'
    """
    return out.with_name(f"{out.stem}_{what}{out.suffix}")


def heading(bundle: AnyBundle, root: Path, tables: Iterable[pl.DataFrame]) -> dict[str, Any]:
    """Return of what a table of predictions is: version, bundle and source, as JSON values.

    Args:
        bundle: The bundle.
        root: Where its pictures are from. Of an archive, its size and when it was changed are told, too.
        tables: Whatever decides about the rows: the pictures in their order, the patients with their facts.
    """
    rows, digest = [], hashlib.sha256()
    for table in tables:
        rows.append(table.height)
        for piece in table.iter_slices(ROWS_A_PIECE):
            digest.update(piece.write_ndjson().encode())
    return {
        "version": {"leukoscope": versions()["leukoscope"]},
        "bundle": {"name": bundle.card.name, "sha256": sha256(bundle.folder / CARD)[:SHOWN_DIGITS]},
        "source": {
            **_place(root),
            "rows": " and ".join(map(str, rows)),
            "sha256": digest.hexdigest()[:SHOWN_DIGITS],
        },
    }


def _place(root: Path) -> dict[str, str]:
    """Return where pictures are from, wherever one stands; of a file also what changes with its content."""
    place = root.resolve()
    if not place.is_file():
        return {"path": str(place)}
    seen = place.stat()
    changed = datetime.fromtimestamp(seen.st_mtime, UTC).isoformat(sep=" ")
    return {"path": str(place), "bytes": f"{seen.st_size:,}", "changed": changed}


def _pieces(blocks: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """Gather blocks into larger pieces: a parquet file of tiny row groups is slow to read."""
    waiting, rows = list[pl.DataFrame](), 0
    for block in blocks:
        waiting.append(block)
        rows += block.height
        if rows >= ROWS_A_PIECE:
            yield pl.concat(waiting)
            waiting, rows = [], 0
    if waiting:
        yield pl.concat(waiting)


def _write_csv(path: Path, pieces: Iterable[pl.DataFrame]) -> None:
    with path.open("wb") as file:
        for number, piece in enumerate(pieces):
            piece.write_csv(file, include_header=number == 0)


def _write_parquet(path: Path, pieces: Iterator[pl.DataFrame]) -> None:
    first = next(pieces).to_arrow()
    with pq.ParquetWriter(path, first.schema) as writer:
        writer.write_table(first)
        for piece in pieces:
            writer.write_table(piece.to_arrow())
