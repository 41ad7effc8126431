"""The pixel store's files: one of pixels, one of index records that are written after the pixels they speak of.

A record is 40 bytes: the SHA-256 of the picture's file (32), the CRC-32 of its framed pixels (4), the CRC-32 of the 36
bytes before (4). Since the pixels of a record are on the disk before the record is, whatever ends the writing leaves a
store that is whole up to its last complete record.
"""

from __future__ import annotations

import math
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from leukoscope.errors import DataError, SettingsError
from leukoscope.files import read_json
from leukoscope.pictures.framing import Framing

FORMAT = 1
RECORD = 40
_KEY, _SIGNED = 32, 36
_CHECK_BYTES = 1 << 24


@dataclass(frozen=True)
class StoreFiles:
    """Where a store of one framing keeps what.

    Args:
        folder: The store's folder, which may hold stores of several framings.
        framing: The framing; it must give a fixed size.

    Raises:
        SettingsError: it gives none.
    """

    folder: Path
    framing: Framing

    def __post_init__(self) -> None:
        if self.framing.size is None:
            raise SettingsError(
                "A pixel store needs pictures of one size; this framing gives none.",
                do="Add a step with a size to the framing, {resize: 128} or {center_crop: 300}.",
            )

    @property
    def place(self) -> Path:
        """The folder of this framing."""
        return self.folder / self.framing.key[:16]

    @property
    def head(self) -> Path:
        """What the store holds, as JSON."""
        return self.place / "store.json"

    @property
    def index(self) -> Path:
        """The records, in the order of the rows."""
        return self.place / "index.bin"

    @property
    def pixels(self) -> Path:
        """The rows, one after the other."""
        return self.place / "pixels.bin"

    @property
    def shape(self) -> tuple[int, int, int]:
        """Height, width and channels of one framed picture."""
        height, width = self.framing.size or (0, 0)
        return height, width, 3

    @property
    def row_bytes(self) -> int:
        """Bytes of one framed picture."""
        return math.prod(self.shape)

    def head_content(self) -> dict[str, Any]:
        """Return what stands in ``head``."""
        return {"format": FORMAT, "key": self.framing.key, "framing": self.framing.spec(), "row_bytes": self.row_bytes}


def record(key: str, pixels: bytes | memoryview) -> bytes:
    """Return the index record of one row.

    Args:
        key: SHA-256 of the picture's file, 64 hexadecimal digits.
        pixels: The framed pixels' bytes.
    """
    signed = bytes.fromhex(key) + zlib.crc32(pixels).to_bytes(4, "little")
    return signed + zlib.crc32(signed).to_bytes(4, "little")


def read_index(files: StoreFiles) -> list[tuple[str, int]]:
    """Return key and pixel checksum of every row; a last record that was half written is left out.

    Raises:
        DataError: the store is damaged: the head is another's, a record's checksum is wrong, a key stands twice, pixels
            are missing.
    """
    if not files.head.is_file():
        return []
    if read_json(files.head) != files.head_content():
        raise _damaged(files, "its head does not fit")
    data = files.index.read_bytes() if files.index.is_file() else b""
    records = [data[start : start + RECORD] for start in range(0, len(data) - RECORD + 1, RECORD)]
    if any(zlib.crc32(one[:_SIGNED]).to_bytes(4, "little") != one[_SIGNED:] for one in records):
        raise _damaged(files, "a record of its index is wrong")
    rows = [(one[:_KEY].hex(), int.from_bytes(one[_KEY:_SIGNED], "little")) for one in records]
    if len({key for key, _ in rows}) < len(rows):
        raise _damaged(files, "a picture stands twice in its index")
    held = files.pixels.stat().st_size if files.pixels.is_file() else 0
    if held < len(rows) * files.row_bytes:
        raise _damaged(files, "pixels are missing")
    return rows


def check_pixels(files: StoreFiles, rows: list[tuple[str, int]]) -> None:
    """Compare every row's pixels with its checksum (about a second a gigabyte).

    Raises:
        DataError: the pixels of a row are not those that were written.
    """
    if not rows:
        return
    many = max(_CHECK_BYTES // files.row_bytes, 1)
    with files.pixels.open("rb") as opened:
        for start in range(0, len(rows), many):
            part = rows[start : start + many]
            block = memoryview(opened.read(len(part) * files.row_bytes))
            for number, (_, checksum) in enumerate(part):
                if zlib.crc32(block[number * files.row_bytes : (number + 1) * files.row_bytes]) != checksum:
                    raise _damaged(files, f"the pixels of row {start + number} are wrong")


def _damaged(files: StoreFiles, how: str) -> DataError:
    do = "Take the pictures in again: it is then built anew."
    return DataError(f"The pixel store is damaged: {how}.", where=str(files.place), do=do)
