"""Which pictures are unlike the cells that a bundle learned from: columns ``distance`` and ``out_of_distribution``."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack

import numpy as np
import polars as pl

from leukoscope.bundles.bundle import Bundle
from leukoscope.bundles.ensemble_bundle import AnyBundle, models_of
from leukoscope.errors import counted
from leukoscope.evaluation.units import Floats
from leukoscope.inference.saying import Pixels, framings_of, said_of
from leukoscope.models.cell_look import Looking, looking
from leukoscope.models.network import cells_of
from leukoscope.pictures.augmentation import View
from leukoscope.training.device import as_input
from leukoscope.training.looks import looks_of
from leukoscope.training.views import views_of

DISTANCE, FLAG = "distance", "out_of_distribution"
STRANGE_CELLS = "strange_cells"


def said_with_flags(bundle: AnyBundle, framed: Sequence[tuple[Pixels, ...]]) -> pl.DataFrame:
    """Return what a bundle says of pictures, and which of them are out of distribution.

    What the network sees is noted while it looks; no picture passes it once more, but for views of which none is the
    whole picture.

    Args:
        bundle: A bundle of cells.
        framed: Each picture in each of the bundle's framings, in the order of ``framings_of``.

    Returns:
        What ``said_of`` returns and, where the bundle, or a member, has reference cells, the columns of
            ``flag_columns``.
    """
    knowing = [model for model in models_of(bundle) if model.reference is not None]
    if not framed or not knowing:
        said = said_of(bundle, framed)
        return said.with_columns(flag_columns(np.empty((len(knowing), 0)))) if knowing else said
    with ExitStack() as stack:
        seeing = [stack.enter_context(looking(cells_of(model.model))) for model in knowing]
        said = said_of(bundle, framed)
        places = {key: place for place, key in enumerate(framings_of(bundle))}
        stacks = [np.stack([ways[places[model.framing.key]] for ways in framed]) for model in knowing]
        told = [_distances(model, seen, pixels) for model, seen, pixels in zip(knowing, seeing, stacks, strict=True)]
    return said.with_columns(flag_columns(np.stack(told)))


def _distances(model: Bundle, seen: Looking, pixels: Pixels) -> Floats:
    """Return how far pictures, (n, h, w, 3), that a model has just seen, are from its training cells, (n,)."""
    assert model.reference is not None, "asked before"
    if views_of(model.card.test_time)[0] != View():
        # The first view is a crop: the network has not seen the whole picture.
        return model.reference.distances(looks_of(model.model, pixels, model.device))
    return model.reference.distances(seen.look(as_input(pixels, model.device)))


def flag_columns(distances: Floats) -> list[pl.Series]:
    """Return the columns of n pictures.

    Args:
        distances: (m, n) float64: what each of m models says, relative to its limit.

    Returns:
        ``distance``, the median (of an even number of models the smaller of the middle two), 1 at the limit;
            ``out_of_distribution``, whether it is beyond, so that more than half of the models find it so.
    """
    if not distances.shape[1]:
        return [pl.Series(DISTANCE, [], dtype=pl.Float64), pl.Series(FLAG, [], dtype=pl.Boolean)]
    middle = np.sort(distances, axis=0)[(len(distances) - 1) // 2]
    return [pl.Series(DISTANCE, middle, dtype=pl.Float64), pl.Series(FLAG, middle > 1, dtype=pl.Boolean)]


def with_flags(cells: pl.DataFrame, flags: Sequence[pl.Series]) -> pl.DataFrame:
    """Return a table of pictures with columns for those that were read, null for the others.

    Args:
        cells: A row a picture; ``problem`` says of some why they were not read.
        flags: The columns, a value for each that was, in order.
    """
    read = cells["problem"].is_null()
    place = read.cum_sum().cast(pl.Int64) - 1
    place = place.set(~read, None)
    return cells.with_columns(*(one.gather(place) for one in flags)).select(pl.exclude("problem"), "problem")


def strange_in(rows: pl.DataFrame) -> int:
    """Return how many rows of predictions are out of distribution; 0 where the bundle cannot tell."""
    return int(rows[FLAG].sum()) if FLAG in rows.columns else 0


def strange_notices(strange: int, number: int) -> list[str]:
    """Return what whoever uses predictions of cells must know of flags, in a sentence; none where none is flagged.

    Args:
        strange: How many pictures are out of distribution.
        number: How many were predicted.
    """
    if not strange:
        return []
    are = f"{strange:,} of {counted(number, 'picture')} {'is' if strange == 1 else 'are'}"
    unlike = f"{are} unlike the cells that the model learned from (column {FLAG!r})"
    return [f"{unlike}: what it says of {'it' if strange == 1 else 'them'} is not to be trusted."]


def strange_patients(table: pl.DataFrame) -> list[str]:
    """Return what whoever uses predictions of patients must know of flags, in a sentence; none where none is flagged.

    Args:
        table: From ``patient_table``.
    """
    strange = int(table[STRANGE_CELLS].sum()) if STRANGE_CELLS in table.columns else 0
    if not strange:
        return []
    who = counted(table.filter(pl.col(STRANGE_CELLS) > 0).height, "patient")
    are = f"{strange:,} of {counted(int(table['cells'].sum()), 'cell')}, of {who}, {'is' if strange == 1 else 'are'}"
    unlike = f"{are} unlike those that the model learned from (column {STRANGE_CELLS!r})"
    return [f"{unlike}; they count for the diagnosis all the same."]
