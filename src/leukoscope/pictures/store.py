"""The pixel store: framed pictures in one memory-mapped file, found by the content of the file they came from."""

from __future__ import annotations

import mmap
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from leukoscope.errors import DataError
from leukoscope.pictures.conversion import Pixels
from leukoscope.pictures.framing import Framing
from leukoscope.pictures.store_index import StoreFiles, read_index


class PixelStore:
    """Framed pictures, ready for batches without decoding.

    The store is opened for reading only; any number of processes may share it, also while another adds to it (they see
    the rows that were complete when they opened it). ``take_in`` builds it. Pages that were read do not stay in this
    process's memory: they are left to the operating system's cache.

    Args:
        folder: The store's folder. One that is not there is an empty store.
        framing: How its pictures are framed; must give a fixed size.

    Raises:
        SettingsError: the framing gives no fixed size.
        DataError: the store is damaged.
    """

    def __init__(self, folder: Path, framing: Framing) -> None:
        files = StoreFiles(Path(folder), framing)
        self.folder, self.framing, self.shape = files.folder, framing, files.shape
        self._row_of = {key: row for row, (key, _) in enumerate(read_index(files))}
        self._map, self._pixels = self._mapped(files)

    def __len__(self) -> int:
        return len(self._row_of)

    def __contains__(self, key: object) -> bool:
        return key in self._row_of

    def __repr__(self) -> str:
        height, width, _ = self.shape
        size = len(self) * height * width * 3 / 1e6
        return f"PixelStore: {len(self):,} pictures of {height} x {width}, {size:,.0f} MB, {self.folder}"

    def __reduce__(self) -> tuple[type[PixelStore], tuple[Path, Framing]]:
        return PixelStore, (self.folder, self.framing)

    def rows(self, keys: Iterable[str]) -> npt.NDArray[np.int64]:
        """Return the rows of pictures.

        Args:
            keys: SHA-256 of their files (the pictures table's ``sha256``).

        Returns:
            (n,) int64, in the order of ``keys``.

        Raises:
            DataError: pictures are not in the store.
        """
        wanted = list(keys)
        missing = [key for key in wanted if key not in self._row_of]
        if missing:
            raise DataError(
                "A picture is not in the pixel store.",
                where=f"{self.folder}, SHA-256 {missing[0]}",
                more=len(missing) - 1,
                do="Take the pictures in again with this framing.",
            )
        return np.fromiter((self._row_of[key] for key in wanted), dtype=np.int64, count=len(wanted))

    def batch(self, rows: npt.NDArray[np.int64]) -> Pixels:
        """Return framed pictures.

        Args:
            rows: (n,) int64, as ``rows`` gives them; any order, repeats allowed.

        Returns:
            (n, h, w, 3) uint8, RGB; a copy.
        """
        pixels = self._pixels[rows]
        if self._map is not None and hasattr(self._map, "madvise"):
            # Mapped pages count as this process's memory; the copy is made, so give them back (they stay in the cache).
            self._map.madvise(mmap.MADV_DONTNEED)
        return pixels

    def _mapped(self, files: StoreFiles) -> tuple[mmap.mmap | None, Pixels]:
        if not self._row_of:
            return None, np.empty((0, *self.shape), dtype=np.uint8)
        with files.pixels.open("rb") as opened:
            mapped = mmap.mmap(opened.fileno(), len(self) * files.row_bytes, access=mmap.ACCESS_READ)
        return mapped, np.frombuffer(mapped, dtype=np.uint8).reshape(len(self), *self.shape)
