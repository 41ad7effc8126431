"""Features of stored cells under a backbone that does not learn: computed once, kept beside the pixels."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import filelock
import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from leukoscope.files import replacing
from leukoscope.models.patient_model import PatientModel
from leukoscope.pictures import cell_measures
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

    The cache lies in the pixel store, one folder for each backbone and kind of instance (``features_key``); a row
    belongs to the picture of that row of the store, which is found by its own content. Batch-norm and dropout are in
    evaluation mode, and nothing is augmented.

    Args:
        model: The network, moved to ``device`` and left in evaluation mode; its head and aggregator do not matter.
        cells: The n cells.
        device: Where to compute.
        after_batch: Told how many cells were done after each batch, for progress.

    Returns:
        (n, m, d) float32, m instances a cell.
    """
    table = stored_features(model, cells, device=device, after_batch=after_batch)
    return np.asarray(table[cells.rows])


def stored_features(
    model: PatientModel,
    cells: CellData,
    *,
    device: str | torch.device = "cpu",
    after_batch: Callable[[int], None] = lambda _: None,
) -> Floats:
    """Return the table of features of the store's rows, in which those of these cells are known.

    Whoever finds another process computing features of the same backbone waits for it, and computes what is left.

    Args:
        model: As in ``cell_features``.
        cells: The cells.
        device: As in ``cell_features``.
        after_batch: As in ``cell_features``.

    Returns:
        (rows, m, d) float32, mapped from its file: what is asked for is read. Rows of other cells may be anything.
    """
    place = torch.device(device)
    model.to(place, memory_format=torch.channels_last).eval()  # type: ignore[call-overload]
    cache = FeatureCache.beside(cells, features_key(model))
    if cache.missing(cells.rows).size:
        with cache.held():
            known, missing = cache.known(), cache.missing(cells.rows)
            for start in range(0, len(missing), BATCH):
                rows = missing[start : start + BATCH]
                cache.add(rows, _embedded(model, cells, rows, place), known)
                after_batch(len(rows))
    return cache.values()


def missing_cells(model: PatientModel, cells: CellData) -> int:
    """Return how many pictures of these cells have no features yet."""
    return FeatureCache.beside(cells, features_key(model)).missing(cells.rows).size


def features_key(model: PatientModel) -> str:
    """Return a name for what a backbone makes of a picture: a hash of all that decides it.

    That is its weights and normalisation; where it is cut and where its convolutions stride, which no weight says; the
    crop; the kind of instance; and the version of the named measures where they stand beside.
    """
    backbone, strides = model.cells.backbone, []
    for name, module in backbone.named_modules():
        if isinstance(module, nn.Conv2d):
            strides.append((name, module.stride))
    measures = None if model.cells.measures is None else cell_measures.VERSION
    described = [backbone.name, backbone.cut, strides, model.cells.crop, measures, model.instances_of]
    digest = hashlib.sha256(json.dumps(described).encode())
    tensors = {**backbone.state_dict(), "mean": model.mean, "std": model.std}
    for name in sorted(tensors):
        digest.update(name.encode())
        digest.update(tensors[name].detach().cpu().contiguous().numpy())
    return digest.hexdigest()[:16]


def _embedded(model: PatientModel, cells: CellData, rows: npt.NDArray[np.int64], device: torch.device) -> Floats:
    # Whole float32 on a card too, as in scoring: logits by features are those by pixels.
    with torch.inference_mode(), torch.backends.cudnn.flags(enabled=True, deterministic=True, allow_tf32=False):
        found: Floats = model.cell_features(as_input(cells.store.batch(rows), device)).cpu().numpy()
    return found


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
