"""Features of stored cells under a backbone that does not learn: computed once, kept beside the pixels."""

from __future__ import annotations

import hashlib
import json
import mmap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from leukoscope.models import cell_pooling
from leukoscope.models.activations import leaky_slopes
from leukoscope.models.joint_backbone import JointBackbone
from leukoscope.models.network import Network, cells_of
from leukoscope.models.patient_model import PatientModel
from leukoscope.pictures import cell_measures, handcrafted
from leukoscope.pictures.batches import TURNS, CellData, Integers
from leukoscope.recipes.schema import TestTimeSettings
from leukoscope.training.device import as_input
from leukoscope.training.feature_cache import FeatureCache, Floats
from leukoscope.training.views import ONE_VIEW, seen, views_of

BATCH = 64
VIEWS = ("rotations", "flips", "crops", "crop_share", "fill")
"""The settings that say how the views of a cell look."""


@dataclass(frozen=True, eq=False)
class FeatureTables:
    """Features of a store's pictures, mapped from the files that keep them: what is asked for is read.

    Args:
        by_turn: For each way in which a cell lies (place in ``TURNS``) the table, (rows, m, d) float32, row by row as
            in the store; rows of cells that were not asked for may be anything.
    """

    by_turn: Mapping[int, Floats]

    def of(self, cells: CellData, places: Integers | None = None) -> Floats:
        """Return the features of cells as they lie.

        Args:
            cells: Cells of the store.
            places: (k,) int64, which of them; all where None.

        Returns:
            (k, m, d) float32; a copy.
        """
        rows = cells.rows if places is None else cells.rows[places]
        found = np.empty((len(rows), *next(iter(self.by_turn.values())).shape[1:]), dtype=np.float32)
        turns = np.zeros_like(rows) if cells.turns is None else cells.turns if places is None else cells.turns[places]
        for turn in np.unique(turns).tolist():
            found[turns == turn] = self.by_turn[turn][rows[turns == turn]]
            _leave_to_cache(self.by_turn[turn])
        return found


def cell_features(
    model: Network,
    cells: CellData,
    *,
    device: str | torch.device = "cpu",
    test_time: TestTimeSettings = ONE_VIEW,
    after_batch: Callable[[int], None] = lambda _: None,
) -> Floats:
    """Return the features of each cell's instances, from the cache as far as they are there.

    The cache lies in the pixel store, one folder for each backbone and kind of instance (``features_key``) and for each
    way in which cells lie (``CellData.turns``); a row belongs to the picture of that row of the store, which is found
    by its own content. Batch-norm and dropout are in evaluation mode, and nothing is augmented.

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
    return stored_features(model, cells, device=device, test_time=test_time, after_batch=after_batch).of(cells)


def stored_features(
    model: Network,
    cells: CellData,
    *,
    device: str | torch.device = "cpu",
    test_time: TestTimeSettings = ONE_VIEW,
    after_batch: Callable[[int], None] = lambda _: None,
) -> FeatureTables:
    """Return the tables of features in which those of these cells are known; arguments as of ``cell_features``.

    Whoever finds another process computing features of the same backbone waits for it, and computes what is left.
    """
    place = torch.device(device)
    model.to(place, memory_format=torch.channels_last).eval()  # type: ignore[call-overload]
    tables, key = {}, features_key(model, test_time)
    for turn, rows in _rows_by_turn(cells):
        cache = FeatureCache.beside(cells, key, turn)
        if cache.missing(rows).size:
            with cache.held():
                known, missing = cache.known(), cache.missing(rows)
                for start in range(0, len(missing), BATCH):
                    some = missing[start : start + BATCH]
                    pixels = as_input(TURNS[turn].of(cells.store.batch(some)), place)
                    cache.add(some, _embedded(model, pixels, test_time), known)
                    after_batch(len(some))
        tables[turn] = cache.values()
    return FeatureTables(tables)


def missing_cells(model: Network, cells: CellData, test_time: TestTimeSettings = ONE_VIEW) -> int:
    """Return how many pictures of these cells have no features yet; one that lies in two ways counts twice."""
    key = features_key(model, test_time)
    return sum(FeatureCache.beside(cells, key, turn).missing(rows).size for turn, rows in _rows_by_turn(cells))


def features_key(model: Network, test_time: TestTimeSettings = ONE_VIEW) -> str:
    """Return a name for what a backbone makes of a picture: a hash of all that decides it.

    That is its weights and normalisation; where it is cut, where its convolutions stride, and which of its activations
    are not its own, which no weight says; the crop; the stages that are pooled over the cell, and its rim, or the size
    of what is flattened; the kind of instance; the named measures that stand beside, and their version; and the views,
    where there are several. Of a joint model it is all branches, in their order.
    """
    cells, strides = cells_of(model), []
    backbone = cells.backbone
    for name, module in backbone.named_modules():
        if isinstance(module, nn.Conv2d):
            strides.append((name, module.stride))
    measures = None if cells.measures is None else [cell_measures.VERSION, *cells.measures.names]
    instances = model.instances_of if isinstance(model, PatientModel) else "cells"
    described: list[Any] = [backbone.name, backbone.cut, strides, cells.crop, measures, instances]
    if cells.measures is not None and cells.measures.has_handcrafted:
        described.append(["handcrafted", handcrafted.VERSION])
    if isinstance(backbone, JointBackbone):
        described.append(["joint", *([name, each.name, each.cut] for name, each in backbone.branches.items())])
    slopes = leaky_slopes(backbone)
    if slopes:
        described.append(["leaky_relu", *slopes])
    if cells.pooling is not None:
        described.append(["cell", cell_pooling.VERSION, cells.pooling.rim, *cells.pooling.stages])
    if cells.flattening is not None:
        described.append(["flatten", *cells.flattening.size])
    if len(views_of(test_time)) > 1:
        described.append(test_time.model_dump(include=set(VIEWS)))
    digest = hashlib.sha256(json.dumps(described).encode())
    tensors = {**backbone.state_dict(), "mean": model.mean, "std": model.std}
    for name in sorted(tensors):
        digest.update(name.encode())
        digest.update(tensors[name].detach().cpu().contiguous().numpy())
    return digest.hexdigest()[:16]


def _rows_by_turn(cells: CellData) -> Iterator[tuple[int, Integers]]:
    """Give each way in which some of the cells lie, and their rows in the store."""
    turns = np.zeros_like(cells.rows) if cells.turns is None else cells.turns
    for turn in np.unique(turns).tolist():
        yield turn, cells.rows[turns == turn]


def _embedded(model: Network, whole: Tensor, test_time: TestTimeSettings) -> Floats:
    """Return the mean over the views of the features, (n, m, d), of (n, 3, h, w) pixels."""
    # Whole float32 on a card too, as in scoring: logits by features are those by pixels.
    with torch.inference_mode(), torch.backends.cudnn.flags(enabled=True, deterministic=True, allow_tf32=False):
        views = views_of(test_time)
        total = _features(model, seen(whole, views[0], test_time))
        for view in views[1:]:
            total = total + _features(model, seen(whole, view, test_time))
        found: Floats = (total / len(views)).cpu().numpy()
    return found


def _features(model: Network, pixels: Tensor) -> Tensor:
    """Return features, (n, m, d), of (n, 3, h, w) pixels."""
    return model.cell_features(pixels) if isinstance(model, PatientModel) else model.embed(pixels).unsqueeze(1)


def _leave_to_cache(table: Floats) -> None:
    """Give mapped pages back: they count as this process's memory, and stay in the operating system's cache."""
    if isinstance(table.base, mmap.mmap) and hasattr(table.base, "madvise"):
        table.base.madvise(mmap.MADV_DONTNEED)
