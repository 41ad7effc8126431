"""Features of the pictures of a store in files beside it: which are known, and their table, mapped."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import filelock
import numpy as np
import numpy.typing as npt

from leukoscope.files import replacing
from leukoscope.pictures.batches import CellData
from leukoscope.pictures.store_index import StoreFiles

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class FeatureCache:
    """Features of the pictures of a store, row by row as in the store.

    Args:
        folder: Where they lie.
        rows: The rows of the store; it may have grown since.
    """

    folder: Path
    rows: int

    @classmethod
    def beside(cls, cells: CellData, key: str, turn: int = 0) -> FeatureCache:
        """Return the cache of a store's cells.

        Args:
            cells: The cells.
            key: What decides their features (``features_key``).
            turn: Place in ``TURNS``: in which way the cells lie.
        """
        place = StoreFiles(cells.store.folder, cells.store.framing).place
        return cls(place / "features" / (f"{key}-turn{turn}" if turn else key), len(cells.store))

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Hold the cache for this process alone, and wait where another one holds it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with filelock.FileLock(self.folder / ".lock"):
            yield

    def known(self) -> npt.NDArray[np.bool_]:
        """Return which rows have features, (``rows`` or more,): another process's store may have grown."""
        path = self.folder / "known.npy"
        if not (path.is_file() and self._values.is_file()):
            return np.zeros(self.rows, dtype=bool)
        before: npt.NDArray[np.bool_] = np.load(path)
        return np.concatenate([before, np.zeros(max(0, self.rows - len(before)), dtype=bool)])

    def missing(self, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Return those of the rows that have no features yet, each once, ascending."""
        return np.unique(rows[~self.known()[rows]])

    def values(self) -> Floats:
        """Return the table, (rows, m, d), mapped from its file; a row that is not known may hold anything."""
        stored: Floats = np.load(self._values, mmap_mode="r")
        return stored

    def add(self, rows: npt.NDArray[np.int64], found: Floats, known: npt.NDArray[np.bool_]) -> None:
        """Keep the features of rows; that they are known is written last, so that a cut-off writing does no harm."""
        stored = self._stored((len(known), *found.shape[1:]))
        stored[rows] = found
        stored.flush()
        known[rows] = True
        with replacing(self.folder / "known.npy") as temporary, temporary.open("wb") as file:
            np.save(file, known)

    def _stored(self, shape: tuple[int, ...]) -> np.memmap:
        path = self._values
        before = np.load(path, mmap_mode="r+") if path.is_file() else None
        if isinstance(before, np.memmap) and len(before) >= shape[0]:
            return before
        grown = np.lib.format.open_memmap(path.with_suffix(".new"), mode="w+", dtype=np.float32, shape=shape)
        if before is not None:
            grown[: len(before)] = before
        path.with_suffix(".new").replace(path)
        return grown

    @property
    def _values(self) -> Path:
        return self.folder / "values.npy"
