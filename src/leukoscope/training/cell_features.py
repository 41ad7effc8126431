"""Features of stored cells under a backbone that does not learn: computed once, kept beside the pixels."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from leukoscope.files import locked, replacing
from leukoscope.models.patient_model import PatientModel
from leukoscope.pictures.batches import CellData
from leukoscope.pictures.store_index import StoreFiles
from leukoscope.training.device import as_input

Floats = npt.NDArray[np.float32]
BATCH = 64


def cell_features(
    model: PatientModel,
    cells: CellData,
    *,
    device: str | torch.device = "cpu",
    after_batch: Callable[[int], None] = lambda _: None,
) -> Floats:
    """Return the features of each cell's instances, from the cache as far as they are there.

    The cache lies in the pixel store, one folder for each backbone (by the content of its weights) and kind of
    instance; a row belongs to the picture of that row of the store, which is found by its own content. Batch-norm and
    dropout are in evaluation mode, and nothing is augmented.

    Args:
        model: The network, moved to ``device`` and left in evaluation mode; its head and aggregator do not matter.
        cells: The n cells.
        device: Where to compute.
        after_batch: Told how many cells were done after each batch, for progress.

    Returns:
        (n, m, d) float32, m instances a cell.
    """
    place = torch.device(device)
    model.to(place, memory_format=torch.channels_last).eval()  # type: ignore[call-overload]

    def embed(rows: npt.NDArray[np.int64]) -> Floats:
        with torch.inference_mode():
            found: Floats = model.cell_features(as_input(cells.store.batch(rows), place)).cpu().numpy()
        return found

    cache = FeatureCache.beside(cells, features_key(model))
    with locked(cache.folder):
        known = cache.known()
        missing = np.unique(cells.rows[~known[cells.rows]])
        for start in range(0, len(missing), BATCH):
            rows = missing[start : start + BATCH]
            cache.add(rows, embed(rows), known)
            after_batch(len(rows))
        return cache.values(cells.rows)


def features_key(model: PatientModel) -> str:
    """Return a name for a backbone's features: a hash of its weights, its normalisation and the kind of instance."""
    backbone = model.cells.backbone
    digest = hashlib.sha256(f"{backbone.name} {backbone.cut} {model.instances_of}".encode())
    tensors = {**backbone.state_dict(), "mean": model.mean, "std": model.std}
    for name in sorted(tensors):
        digest.update(name.encode())
        digest.update(tensors[name].detach().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()[:16]


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
    def beside(cls, cells: CellData, key: str) -> FeatureCache:
        """Return the cache of a store's cells under this key."""
        place = StoreFiles(cells.store.folder, cells.store.framing).place
        return cls(place / "features" / key, len(cells.store))

    def known(self) -> npt.NDArray[np.bool_]:
        """Return which rows have features, (rows,)."""
        known, path = np.zeros(self.rows, dtype=bool), self.folder / "known.npy"
        if path.is_file():
            before: npt.NDArray[np.bool_] = np.load(path)
            known[: len(before)] = before
        return known

    def values(self, rows: npt.NDArray[np.int64]) -> Floats:
        """Return the features of rows that are known, (n, m, d)."""
        stored: Floats = np.load(self.folder / "values.npy", mmap_mode="r")
        return np.asarray(stored[rows])

    def add(self, rows: npt.NDArray[np.int64], found: Floats, known: npt.NDArray[np.bool_]) -> None:
        """Keep the features of rows; that they are known is written last, so that a cut-off writing does no harm."""
        stored = self._stored((self.rows, *found.shape[1:]))
        stored[rows] = found
        stored.flush()
        known[rows] = True
        with replacing(self.folder / "known.npy") as temporary, temporary.open("wb") as file:
            np.save(file, known)

    def _stored(self, shape: tuple[int, ...]) -> np.memmap:
        path = self.folder / "values.npy"
        before = np.load(path, mmap_mode="r+") if path.is_file() else None
        if isinstance(before, np.memmap) and before.shape == shape:
            return before
        grown = np.lib.format.open_memmap(path.with_suffix(".new"), mode="w+", dtype=np.float32, shape=shape)
        if before is not None:
            grown[: len(before)] = before
        path.with_suffix(".new").replace(path)
        return grown
