"""The training cells that a run's bundle keeps, and the limit beyond which a cell is unlike them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl
import torch

from leukoscope.bundles.reference import Reference, first_cells
from leukoscope.cohort.splits.labels import known_labels
from leukoscope.evaluation.out_of_distribution import FEWEST, fit_out_of_distribution
from leukoscope.models.cell_look import widths_of
from leukoscope.models.network import Network
from leukoscope.pictures.batches import CellData
from leukoscope.progress import progress
from leukoscope.randomness import integer
from leukoscope.reports.thumbnails import as_jpeg, shrunk
from leukoscope.runs.preparation import Prepared
from leukoscope.training.looks import looks_of_store

MOST = 1_000
"""Cells of a part that are looked at."""


@dataclass(frozen=True, eq=False)
class Looked:
    """Cells of a part, and what the network sees in them.

    Args:
        cells: ``id``, ``patient``, ``group``, ``label`` (of the cell, or of its patient).
        looks: (n, d) float32.
    """

    cells: pl.DataFrame
    looks: npt.NDArray[np.float32]


def reference_of(prepared: Prepared, network: Network, device: torch.device) -> Reference | None:
    """Return the training cells for the bundle, with the limit that the validation part sets.

    Of the training part up to 1,000 cells are looked at, spread over classes and patients; the first of them are the
    reference cells. The test part is not looked at.

    Args:
        prepared: What the run works on.
        network: The trained network.
        device: Where to compute.

    Returns:
        None where the recipe wants no reference cells, there are too few training cells or no validation cell, or what
        the network sees in some of them is no number.
    """
    wanted = prepared.recipe.reference
    train, validation = (drawn_cells(prepared, part, by_class=part == "train") for part in ("train", "validation"))
    if not wanted.cells or train.height < FEWEST or not validation.height:
        return None
    learnt, other = (looked(prepared, network, part, device).looks for part in (train, validation))
    if not (np.isfinite(learnt).all() and np.isfinite(other).all()):
        return None
    fitted = fit_out_of_distribution(learnt, other, validation["patient"], widths_of(learnt))
    cells = first_cells(train, wanted.cells)
    return Reference(fitted, cells, _thumbnails(prepared, cells) if wanted.pictures else ())


def spread(cells: pl.DataFrame, number: int, seed: int) -> pl.DataFrame:
    """Return cells in an order in which any first so many are spread over classes and patients.

    The classes take turns, and within a class its patients, in an order that is drawn from the seed and the ids alone.

    Args:
        cells: ``id``, ``patient`` (null: those of one ``group`` belong together), ``group``, ``label``.
        number: How many at the most.
        seed: The run's.
    """
    drawn = pl.Series("drawn", [integer(seed, "reference", name) for name in cells["id"]], dtype=pl.Int64)
    who, turn = pl.coalesce("patient", "group", "id").alias("who"), pl.int_range(pl.len())
    table = cells.with_columns(drawn, who).sort("drawn")
    table = table.with_columns(turn=turn.over("label", "who"), first=pl.col("drawn").min().over("label", "who"))
    table = table.sort("turn", "first").with_columns(place=turn.over("label"))
    return table.sort("place", "label").head(number).select(cells.columns)


def drawn_cells(prepared: Prepared, part: str, *, by_class: bool) -> pl.DataFrame:
    """Return the cells of a part that are looked at, with the columns of ``Looked.cells``.

    Args:
        prepared: What the run works on.
        part: ``train``, ``validation`` or ``test``.
        by_class: Whether the classes take turns; else patients alone do.
    """
    known = known_labels(prepared.split.part(prepared.intake.cohort, part))
    groups = prepared.split.table.select("id", "group")
    cells = known.join(groups, on="id", how="left", maintain_order="left").select("id", "patient", "group", "label")
    alike = cells if by_class else cells.with_columns(label=pl.lit(part))
    chosen = spread(alike, MOST, prepared.recipe.seed).select("id")
    return chosen.join(cells, on="id", maintain_order="left")


def looked(prepared: Prepared, network: Network, cells: pl.DataFrame, device: torch.device) -> Looked:
    """Let the network look at cells of the store; arguments as of ``reference_of`` and ``Looked``."""
    data = _data(prepared, cells["id"].to_list())
    with progress("Looking at reference cells", len(data)) as advance:
        return Looked(cells, looks_of_store(network, data, device, after_batch=advance))


def pixels_of(prepared: Prepared, ids: list[str]) -> npt.NDArray[np.uint8]:
    """Return the framed pictures of cells, (n, h, w, 3) uint8, RGB, in this order."""
    return _data(prepared, ids).pixels(np.arange(len(ids), dtype=np.int64))


def _thumbnails(prepared: Prepared, cells: pl.DataFrame) -> tuple[bytes, ...]:
    return tuple(as_jpeg(shrunk(picture)) for picture in pixels_of(prepared, cells["id"].to_list()))


def _data(prepared: Prepared, ids: list[str]) -> CellData:
    data = prepared.cells(prepared.intake.cohort.select(ids).usable)
    order = {name: place for place, name in enumerate(data.ids)}
    return data.subset(np.array([order[name] for name in ids], dtype=np.int64))
