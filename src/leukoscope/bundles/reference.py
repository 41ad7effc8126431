"""The training cells in a bundle: by them it knows what it was never meant for, and what a cell is most like.

They lie in ``reference/``: ``features.safetensors`` (what the network saw in training cells), ``cells.csv`` (which
the first of these are) and, unless the recipe wanted none, ``pictures/1.jpg`` and so on, as thumbnails. No cell
of the test part is among them.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from safetensors.numpy import load_file, save_file

from leukoscope.errors import BundleError, DataError
from leukoscope.evaluation.feature_space import Array
from leukoscope.evaluation.out_of_distribution import NEAREST, OutOfDistribution
from leukoscope.evaluation.units import Floats, Ints
from leukoscope.files import read_json, read_table, write_bytes, write_json, write_table

FOLDER, FEATURES, CELLS, PICTURES, EXPECTED = (
    "reference",
    "features.safetensors",
    "cells.csv",
    "pictures",
    "expected.json",
)
FIELD = "out_of_distribution"
COLUMNS = ("number", "id", "patient", "label")
TOLERANCE = 1e-2
"""Largest difference of a distance in the self-test, as a share of it."""


@dataclass(frozen=True, eq=False)
class Reference:
    """Training cells that cells are held beside.

    Args:
        fitted: How far is too far from the training cells.
        cells: The reference cells, the first of ``fitted``'s training cells, a row each: ``number`` (from 1), ``id``,
            ``patient`` (null where not known), ``label``.
        pictures: A JPEG of each reference cell as the network saw it, at most 128 px; empty where none are kept.
    """

    fitted: OutOfDistribution
    cells: pl.DataFrame
    pictures: tuple[bytes, ...] = ()

    def distances(self, features: Array) -> Floats:
        """Return how far cells are from the training cells, as ``OutOfDistribution.distances`` does."""
        return self.fitted.distances(features)

    def nearest(self, features: Array, number: int = NEAREST) -> tuple[Ints, Floats]:
        """Return the reference cells that are most like each cell.

        Args:
            features: What the network sees in the cells (``models.cell_look``), (n, d).
            number: How many, 1 or more.

        Returns:
            Their rows in ``cells``, (n, k), the nearest first, and their distances relative to the limit, (n, k).
        """
        return self.fitted.nearest(features, number, len(self.cells))


def write_reference(folder: Path, reference: Reference) -> None:
    """Write ``reference/`` into a bundle's folder."""
    own = folder / FOLDER
    own.mkdir(parents=True, exist_ok=True)
    save_file(reference.fitted.arrays(), own / FEATURES)
    write_table(own / CELLS, reference.cells.select(COLUMNS))
    for number, picture in enumerate(reference.pictures, start=1):
        write_bytes(own / PICTURES / f"{number}.jpg", picture)


def read_reference(folder: Path, card: dict[str, Any] | None) -> Reference | None:
    """Read ``reference/`` of a bundle; None where it has none.

    Args:
        folder: The bundle's.
        card: The field ``out_of_distribution`` of its card; None where it has none.

    Raises:
        BundleError: the files are not those of the card, or do not fit one another.
    """
    if card is None:
        return None
    own = folder / FOLDER
    try:
        fitted = OutOfDistribution.restored(card, load_file(own / FEATURES))
        cells = read_table(own / CELLS, text=True).select(COLUMNS).with_columns(pl.col("number").cast(pl.Int64))
    except (DataError, OSError, pl.exceptions.PolarsError) as error:
        reason = error.what if isinstance(error, DataError) else str(error)
        raise BundleError(
            f"The bundle's reference cells cannot be read. {reason}",
            where=str(own),
            do="Copy the bundle's folder again.",
        ) from error
    names = [own / PICTURES / f"{number}.jpg" for number in cells["number"]]
    pictures = tuple(path.read_bytes() for path in names) if (own / PICTURES).is_dir() else ()
    return Reference(fitted, cells, pictures)


def keep_distances(folder: Path, reference: Reference, features: Array) -> None:
    """Write how far the self-test's pictures are from the training cells, so that loading can ask again."""
    write_json(
        folder / FOLDER / EXPECTED, {"distances": reference.distances(features).tolist(), "tolerance": TOLERANCE}
    )


def refuse_other_distances(folder: Path, reference: Reference, features: Array, versions: str) -> None:
    """Refuse a network that does not see in the self-test's pictures what it saw when the bundle was saved.

    Args:
        folder: The bundle's.
        reference: Its training cells.
        features: What the network sees in these pictures now.
        versions: What differs between the libraries then and now, for the error; empty if nothing.

    Raises:
        BundleError: a distance differs by more than the tolerance.
    """
    where = folder / FOLDER / EXPECTED
    kept = read_json(where)
    try:
        said, then = reference.distances(features), np.asarray(kept["distances"], dtype=np.float64)
        wrong = np.flatnonzero(~(np.abs(said - then) <= kept["tolerance"] * then))
    except DataError as error:
        raise BundleError(
            f"The bundle's network sees otherwise than when it was saved. {error.what}", where=str(where), do=versions
        ) from error
    if wrong.size:
        first = int(wrong[0])
        raise BundleError(
            "The bundle does not give the distances that it was saved with: "
            f"picture {first + 1} of the self-test is at "
            f"{said[first]:.3f} of the limit, {then[first]:.3f} was saved.",
            where=str(where),
            more=wrong.size - 1,
            do=versions or "Its reference cells were altered, or this machine computes otherwise. Do not use it here.",
        )


def first_cells(table: pl.DataFrame, number: int) -> pl.DataFrame:
    """Return the first rows of a table of training cells as reference cells.

    Args:
        table: ``id``, ``patient``, ``label``.
        number: How many at the most.
    """
    return table.select("id", "patient", "label").head(number).with_row_index("number", 1).cast({"number": pl.Int64})
