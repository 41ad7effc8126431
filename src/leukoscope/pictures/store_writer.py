"""Building a pixel store: block by block, so that it can be killed at any point and taken up again."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from leukoscope.errors import DataError, LeukoscopeError
from leukoscope.files import write_json
from leukoscope.pictures.conversion import Pixels
from leukoscope.pictures.store_index import RECORD, StoreFiles, check_pixels, read_index, record

BLOCK_BYTES = 1 << 23
_FULL = (errno.ENOSPC, errno.EDQUOT)
_FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST, errno.EFBIG)


class StoreWriter:
    """Adds rows to a store; one process at a time (``take_in`` holds the folder's lock).

    On opening, what is there is checked, pixels included; a damaged store is thrown away and ``rebuilt`` says so.

    Args:
        files: The store's files.
    """

    def __init__(self, files: StoreFiles) -> None:
        self._files = files
        _sweep(files)
        self.rebuilt: str | None = None
        rows = self._whole_rows()
        self._keys = {key for key, _ in rows}
        self._waiting: list[tuple[str, Pixels]] = []
        if not files.head.is_file():
            write_json(files.head, files.head_content())
        self._pixels = _opened_at(files.pixels, len(rows) * files.row_bytes)
        self._index = _opened_at(files.index, len(rows) * RECORD)

    def __contains__(self, key: object) -> bool:
        return key in self._keys

    def __len__(self) -> int:
        return len(self._keys)

    def add(self, key: str, pixels: Pixels) -> None:
        """Add a row; one that is there already is left as it is.

        Args:
            key: SHA-256 of the picture's file.
            pixels: (h, w, 3) uint8 of the store's size.

        Raises:
            LeukoscopeError: the disk is full.
        """
        if key in self._keys:
            return
        self._keys.add(key)
        self._waiting.append((key, np.ascontiguousarray(pixels)))
        if len(self._waiting) * self._files.row_bytes >= BLOCK_BYTES:
            self.flush()

    def flush(self) -> None:
        """Bring everything that was added to the disk: first the pixels, then the records that vouch for them."""
        blocks = [pixels.reshape(-1).data for _, pixels in self._waiting]
        records = [record(key, block) for (key, _), block in zip(self._waiting, blocks, strict=True)]
        _append(self._pixels, blocks)
        _append(self._index, [memoryview(b"".join(records))])
        self._waiting.clear()

    def close(self) -> None:
        """Close the files; what was not flushed is lost."""
        self._pixels.close()
        self._index.close()

    def _whole_rows(self) -> list[tuple[str, int]]:
        try:
            rows = read_index(self._files)
            check_pixels(self._files, rows)
        except DataError as error:
            self.rebuilt = f"{error.what} It was built anew."
            shutil.rmtree(self._files.place)
            return []
        return rows


@contextlib.contextmanager
def explained_disk(folder: Path) -> Iterator[None]:
    """Turn a full or forbidden disk into an error that says what to do; other errors pass.

    Raises:
        LeukoscopeError: the disk, or the quota on it, is full; or the folder may not be written.
    """
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise LeukoscopeError(
                "The disk is full: the pixel store cannot be written.",
                where=str(folder),
                do="Free space and start the same command again (it goes on where it stopped), or name another place.",
            ) from error
        if error.errno in _FORBIDDEN:
            raise LeukoscopeError(
                f"The pixel store cannot be written: {error.strerror}.", where=str(folder), do="Name another place."
            ) from error
        raise


def refuse_small_disk(folder: Path, needed: int) -> None:
    """Refuse to begin what the disk cannot hold.

    Args:
        folder: Where the store will be; it exists.
        needed: Bytes.

    Raises:
        LeukoscopeError: fewer bytes are free.
    """
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise LeukoscopeError(
            f"The pixel store needs {needed / 1e6:,.0f} MB, and {free / 1e6:,.0f} MB are free.",
            where=str(folder),
            do="Free some space, name another place, or frame the pictures smaller.",
        )


def _sweep(files: StoreFiles) -> None:
    # Temporary files of a process that was killed: nobody else writes here while the folder is locked.
    for left in (*files.place.glob(".store.json.*"), *files.folder.glob(".facts.*"), *files.folder.glob(".measured.*")):
        left.unlink()


def _opened_at(path: Path, length: int) -> io.FileIO:
    # Unbuffered, so that closing after an error does not try to write once more.
    opened = io.FileIO(path, "r+b" if path.is_file() else "w+b")
    # What lies behind the last record that vouches for it was left by a process that was killed.
    opened.truncate(length)
    opened.seek(length)
    return opened


def _append(opened: io.FileIO, blocks: list[memoryview]) -> None:
    for block in blocks:
        left = block
        while left:
            left = left[opened.write(left) :]
    os.fsync(opened.fileno())
