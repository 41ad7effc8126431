"""Features of stored cells under a backbone that does not learn: computed once, kept beside the pixels."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import filelock
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from leukoscope.files import replacing
from leukoscope.models import cell_pooling
from leukoscope.models.network import Network, cells_of
from leukoscope.models.patient_model import PatientModel
from leukoscope.pictures import cell_measures
from leukoscope.pictures.batches import CellData
from leukoscope.pictures.store_index import StoreFiles
from leukoscope.recipes.schema import TestTimeSettings
from leukoscope.training.device import as_input
from leukoscope.training.views import ONE_VIEW, seen, views_of

Floats = npt.NDArray[np.float32]
BATCH = 64
VIEWS = ("rotations", "flips", "crops", "crop_share", "fill")
"""The settings that say how the views of a cell look."""


def cell_features(
    model: Network,
    cells: CellData,
    *,
    device: str | torch.device = "cpu",
    test_time: TestTimeSettings = ONE_VIEW,
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
        test_time: The views of a cell; its features are their mean. A linear head makes of it the mean of the views'
            logits. Views are of cells, not of instances that are pixels.
        after_batch: Told how many cells were done after each batch, for progress.

    Returns:
        (n, m, d) float32, m instances a cell: one, where the network is of cells.
    """
    table = stored_features(model, cells, device=device, test_time=test_time, after_batch=after_batch)
    return np.asarray(table[cells.rows])


def stored_features(
    model: Network,
    cells: CellData,
    *,
    device: str | torch.device = "cpu",
    test_time: TestTimeSettings = ONE_VIEW,
    after_batch: Callable[[int], None] = lambda _: None,
) -> Floats:
    """Return the table of features of the store's rows, in which those of these cells are known.

    Whoever finds another process computing features of the same backbone waits for it, and computes what is left.

    Args:
        model: As in ``cell_features``.
        cells: The cells.
        device: As in ``cell_features``.
        test_time: As in ``cell_features``.
        after_batch: As in ``cell_features``.

    Returns:
        (rows, m, d) float32, mapped from its file: what is asked for is read. Rows of other cells may be anything.
    """
    place = torch.device(device)
    model.to(place, memory_format=torch.channels_last).eval()  # type: ignore[call-overload]
    cache = FeatureCache.beside(cells, features_key(model, test_time))
    if cache.missing(cells.rows).size:
        with cache.held():
            known, missing = cache.known(), cache.missing(cells.rows)
            for start in range(0, len(missing), BATCH):
                rows = missing[start : start + BATCH]
                cache.add(rows, _embedded(model, cells, rows, place, test_time), known)
                after_batch(len(rows))
    return cache.values()


def missing_cells(model: Network, cells: CellData, test_time: TestTimeSettings = ONE_VIEW) -> int:
    """Return how many pictures of these cells have no features yet."""
    return FeatureCache.beside(cells, features_key(model, test_time)).missing(cells.rows).size


def features_key(model: Network, test_time: TestTimeSettings = ONE_VIEW) -> str:
    """Return a name for what a backbone makes of a picture: a hash of all that decides it.

    That is its weights and normalisation; where it is cut and where its convolutions stride, which no weight says; the
    crop; the stages that are pooled over the cell, and its rim; the kind of instance; the named measures that stand
    beside, and their version; and the views, where there are several.
    """
    cells, strides = cells_of(model), []
    backbone = cells.backbone
    for name, module in backbone.named_modules():
        if isinstance(module, nn.Conv2d):
            strides.append((name, module.stride))
    measures = None if cells.measures is None else [cell_measures.VERSION, *cells.measures.names]
    instances = model.instances_of if isinstance(model, PatientModel) else "cells"
    described: list[Any] = [backbone.name, backbone.cut, strides, cells.crop, measures, instances]
    if cells.pooling is not None:
        described.append(["cell", cell_pooling.VERSION, cells.pooling.rim, *cells.pooling.stages])
    if len(views_of(test_time)) > 1:
        described.append(test_time.model_dump(include=set(VIEWS)))
    digest = hashlib.sha256(json.dumps(described).encode())
    tensors = {**backbone.state_dict(), "mean": model.mean, "std": model.std}
    for name in sorted(tensors):
        digest.update(name.encode())
        digest.update(tensors[name].detach().cpu().contiguous().numpy())
    return digest.hexdigest()[:16]


def _embedded(
    model: Network,
    cells: CellData,
    rows: npt.NDArray[np.int64],
    device: torch.device,
    test_time: TestTimeSettings,
) -> Floats:
    # Whole float32 on a card too, as in scoring: logits by features are those by pixels.
    with torch.inference_mode(), torch.backends.cudnn.flags(enabled=True, deterministic=True, allow_tf32=False):
        whole, views = as_input(cells.store.batch(rows), device), views_of(test_time)
        total = _features(model, seen(whole, views[0], test_time))
        for view in views[1:]:
            total = total + _features(model, seen(whole, view, test_time))
        found: Floats = (total / len(views)).cpu().numpy()
    return found


def _features(model: Network, pixels: Tensor) -> Tensor:
    """Return features, (n, m, d), of (n, 3, h, w) pixels."""
    return model.cell_features(pixels) if isinstance(model, PatientModel) else model.embed(pixels).unsqueeze(1)


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
