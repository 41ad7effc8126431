"""A table that is being written: what is known so far lies beside it, so that a broken-off prediction can go on.

The file holds a line of JSON, which says of what it is, and then blocks of rows. A block that was cut off by whatever
ended the process, or the machine, is dropped, and computed again.
"""

from __future__ import annotations

import io
import json
import os
import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import polars as pl

from leukoscope.errors import DataError, LeukoscopeError, SettingsError
from leukoscope.files import make_folder, write_bytes

FORMAT = 1
ENDING = ".part"
_BLOCK = struct.Struct("<QI")  # bytes of the block, and their CRC-32
_TABLE = struct.Struct("<HQ")  # bytes of a table's name, and of the table
_LONGEST_HEADER = 1 << 20

Tables = dict[str, pl.DataFrame]


@dataclass
class Unfinished:
    """Blocks of rows of one or several tables, in the order in which they were made.

    Args:
        path: The file.
        header: Of what the rows are, as JSON values.
        blocks: How many blocks it holds.
        rows: How many rows of each table these hold.
        notes: What whoever asked to go on must know, a sentence each.
    """

    path: Path
    header: dict[str, Any]
    blocks: int = 0
    rows: dict[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    _end: int = 0

    def append(self, tables: Mapping[str, pl.DataFrame]) -> None:
        """Write a block: rows of each table that belong together.

        Raises:
            LeukoscopeError: another process writes into the file, or it cannot be written.
        """
        payload = b"".join(_packed(name, table) for name, table in tables.items())
        record = _BLOCK.pack(len(payload), zlib.crc32(payload)) + payload
        if not self._end:
            head = _head(self.header)
            write_bytes(self.path, head)
            self._end = len(head)
        try:
            with self.path.open("r+b") as file:
                self._refuse_other_end(file.seek(0, 2))
                file.write(record)
        except OSError as error:
            raise LeukoscopeError(f"This file cannot be written: {error.strerror}.", where=str(self.path)) from None
        self._end += len(record)
        self._count(tables)

    def tables(self) -> Iterator[Tables]:
        """Give the blocks again, one at a time."""
        if not self._end:
            return
        with self.path.open("rb") as file:
            file.readline()
            for _ in range(self.blocks):
                block, _ = _read_block(file)
                assert block is not None, "counted when it was written or found"
                yield block

    def remove(self) -> None:
        """Remove the file; the tables have been written."""
        self.path.unlink(missing_ok=True)

    def _count(self, tables: Mapping[str, pl.DataFrame]) -> None:
        self.blocks += 1
        for name, table in tables.items():
            self.rows[name] = self.rows.get(name, 0) + table.height

    def _refuse_other_end(self, end: int) -> None:
        if end != self._end:
            raise LeukoscopeError(
                "Another process writes this table, too.", where=str(self.path), do="Name another --out."
            )

    def take_up(self) -> None:
        """Count the whole blocks that are there, and cut off what is none."""
        with self.path.open("r+b") as file:
            self._end = len(file.readline())
            while True:
                block, length = _read_block(file)
                if block is None:
                    break
                self._end += length
                self._count(block)
            file.truncate(self._end)


def part_of(out: Path) -> Path:
    """Return where the rows of a table lie until it is whole.

    Example:
        >>> part_of(Path("out/said.csv")).as_posix()
        'out/said.csv.part'
    """
    return out.with_name(out.name + ENDING)


def unfinished_table(out: Path, header: Mapping[str, Any], *, resume: bool) -> Unfinished:
    """Return what is known so far of a table; empty where it is begun anew.

    Args:
        out: The table. Beside it lies ``<out>.part`` until it is whole.
        header: Of what the rows are: names to JSON values, each an object with what a person knows it by.
        resume: Keep the rows that are there, if they are of the same.

    Raises:
        SettingsError: there are rows, and nobody asked to go on with them; or they are of another bundle or source, or
            of another version.
        DataError: what lies there is no unfinished table.
        LeukoscopeError: the folder cannot be made.
    """
    path, asked = part_of(out), {"format": FORMAT, **header}
    make_folder(out.parent)
    found = Unfinished(path, asked)
    if not path.is_file():
        found.notes = ("There was nothing to go on with: no unfinished table lay there.",) if resume else ()
        return found
    if not resume:
        raise SettingsError(
            "An unfinished table lies there.",
            where=str(path),
            do="Go on with it by --resume; or remove it, or name another --out, to begin anew.",
        )
    _refuse_other(_read_head(path), asked, path)
    found.take_up()
    return found


def _head(header: dict[str, Any]) -> bytes:
    return json.dumps(header).encode() + b"\n"  # in ASCII: a path may hold bytes that are no UTF-8


def _read_head(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        line = file.readline(_LONGEST_HEADER)
    try:
        kept = json.loads(line)
    except ValueError:
        kept = None
    if not isinstance(kept, dict) or kept.get("format") != FORMAT or not line.endswith(b"\n"):
        raise DataError("This is no unfinished table.", where=str(path), do="Remove it to begin anew.")
    return kept


def _refuse_other(kept: dict[str, Any], asked: dict[str, Any], path: Path) -> None:
    for name, value in asked.items():
        if kept.get(name) != value:
            raise SettingsError(
                f"The unfinished table was begun with another {name}: {_said(kept.get(name))}; now it is "
                f"{_said(value)}.",
                where=str(path),
                do="Remove it, or name another --out, to begin anew.",
            )


def _said(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {one}" for name, one in value.items())
    return str(value)


def _packed(name: str, table: pl.DataFrame) -> bytes:
    content, encoded = io.BytesIO(), name.encode()
    table.write_ipc_stream(content)
    return _TABLE.pack(len(encoded), content.tell()) + encoded + content.getvalue()


def _read_block(file: BinaryIO) -> tuple[Tables | None, int]:
    """Return the next block and its length in bytes; None where there is none that is whole."""
    head = file.read(_BLOCK.size)
    if len(head) < _BLOCK.size:
        return None, 0
    length, checksum = _BLOCK.unpack(head)
    # Where the power failed, zeros or noise may stand at the end: neither is a length.
    if not 0 < length <= os.fstat(file.fileno()).st_size - file.tell():
        return None, 0
    payload = file.read(length)
    if zlib.crc32(payload) != checksum:
        return None, 0
    return _unpacked(payload), _BLOCK.size + length


def _unpacked(payload: bytes) -> Tables:
    tables, place = Tables(), 0
    while place < len(payload):
        name_length, length = _TABLE.unpack_from(payload, place)
        start = place + _TABLE.size + name_length
        name = payload[place + _TABLE.size : start].decode()
        tables[name] = pl.read_ipc_stream(io.BytesIO(payload[start : start + length]))
        place = start + length
    return tables
