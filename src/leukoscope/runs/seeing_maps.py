"""The maps of all models, methods and cells, with what is measured of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from leukoscope.cohort.classes import Classes
from leukoscope.explanation.overlay import Floats32, common_scale
from leukoscope.explanation.seeing.map_sheet import smoothed
from leukoscope.explanation.seeing.maps import class_maps, seen_part
from leukoscope.explanation.seeing.masks import ON_BLACK
from leukoscope.explanation.seeing.methods import METHODS
from leukoscope.explanation.seeing.on_cell import OnCell, share_on_cell
from leukoscope.explanation.seeing.sanity import Sanity, sanity_check
from leukoscope.runs.seeing_models import SeenCells, SeenModel

SANITY_CELLS = 2
"""The sanity check makes each map twice more: on so many of the cells."""
WHOLE, MOSTLY = 0.9, 0.5
BY_CONSTRUCTION = "black has no evidence whatever the network: this says nothing"


@dataclass(frozen=True, eq=False)
class Seen:
    """One model's maps by one method.

    Args:
        model: The model.
        cells: The cells as it takes them.
        method: The method's name.
        layer: The layer that the maps are laid on; None for methods of the pixels.
        of: The class of each map.
        rows: Of each map, which of the cells.
        maps: One a map, (h', w') float32.
        logits: The class's logit of each.
        shown: The maps as sheets show them: grainy ones smoothed.
        scale: From which absolute value of these on a colour is at its strongest.
        shares: How much of each lies on the cell.
        sanity: Whether they are of the network at all.
    """

    model: SeenModel
    cells: SeenCells
    method: str
    layer: str | None
    of: tuple[str, ...]
    rows: tuple[int, ...]
    maps: list[Floats32]
    logits: list[float]
    shown: list[Floats32]
    scale: float
    shares: list[OnCell]
    sanity: Sanity


def see(
    model: SeenModel, cells: SeenCells, asked: Sequence[tuple[int, str]], *, method: str, layer: str | None, seed: int
) -> Seen:
    """Make a model's maps by one method, check them and measure them.

    Args:
        model: The model.
        cells: The cells as it takes them.
        asked: Which cell, and of which class, for each map.
        method: The method.
        layer: The layer; the last feature maps where None.
        seed: Of the sanity check's weights.

    Raises:
        LeukoscopeError: as of ``class_maps``.
    """
    rows, of = tuple(row for row, _ in asked), tuple(name for _, name in asked)
    maps: dict[int, Floats32] = {}
    logits: dict[int, float] = {}
    used = layer
    for name in dict.fromkeys(of):
        own = [place for place, each in enumerate(of) if each == name]
        pictures = cells.pictures[[rows[place] for place in own]]
        found = class_maps(model.network, pictures, model.bundle.classes, of=name, method=method, layer=layer)
        used = found.layer
        maps.update(zip(own, found.maps, strict=True))
        logits.update(zip(own, found.logits.tolist(), strict=True))
    ordered = [maps[place] for place in range(len(of))]
    masks = [cells.masks[row].mask for row in rows]
    views = [seen_part(mask, model.network.crop) for mask in masks]
    few = slice(0, SANITY_CELLS)
    sanity = sanity_check(
        model.network,
        cells.pictures[list(rows[few])],
        model.bundle.classes,
        of=of[few],
        masks=masks[few],
        method=method,
        layer=used,
        trained=ordered[few],
        seed=seed,
    )
    shares = [share_on_cell(*pair) for pair in zip(ordered, views, strict=True)]
    shown = [smoothed(each) for each in ordered] if METHODS[method].speckled else ordered
    scale = common_scale(np.concatenate([each.ravel() for each in shown]))
    lines = [logits[place] for place in range(len(of))]
    return Seen(model, cells, method, used, of, rows, ordered, lines, shown, scale, shares, sanity)


def maps_table(found: Sequence[Seen], chosen: pl.DataFrame) -> pl.DataFrame:
    """Return one row a map.

    Args:
        found: All maps.
        chosen: The cells: ``id``, ``patient``, ``label``, ``why``.

    Returns:
        ``cell``, ``patient``, ``label``, ``why``, ``model``, ``part`` (in the model's own split), ``called``,
        ``probability`` (of the called class), ``method``, ``layer``, ``class`` (that the map speaks of), ``logit`` (of
        that class, without test-time views), ``share``, ``share_positive``, ``chance``, ``mask`` (how the cell was
        found), ``height``, ``width`` (of the map), ``lowest``, ``highest``, ``scale``, ``sanity``, ``map`` (its name in
        ``maps.npz``), ``leakage``.
    """
    cells = chosen.select("id", "patient", "label", "why").to_dicts()
    numbers = range(sum(len(seen.maps) for seen in found))
    names = iter(f"map_{number:04d}" for number in numbers)
    rows = [_row(seen, place, cells[seen.rows[place]], next(names)) for seen in found for place in range(len(seen.of))]
    for seen in {each.model.name: each for each in found}.values():
        parts = dict(zip(chosen["id"], seen.model.parts(chosen["id"].to_list()), strict=True))
        for row in rows:
            if row["model"] == seen.model.name:
                row["part"] = parts[row["cell"]]
    text = ("patient", "label", "why", "part", "layer", "leakage")
    kinds = dict.fromkeys(text, pl.String) | {"share": pl.Float64, "share_positive": pl.Float64}
    return pl.DataFrame(rows, schema_overrides=kinds)


def methods_table(found: Sequence[Seen]) -> pl.DataFrame:
    """Return one row a model and method.

    Returns:
        ``model``, ``method``, ``layer``, ``cells``, ``share``, ``share_positive``, ``chance`` (means over its maps),
        ``words`` (what follows), ``sanity_cells``, ``head``, ``everything`` (Spearman's correlations), ``sanity``,
        ``scale``, ``leakage``.
    """
    return pl.DataFrame([_summary(seen) for seen in found], schema_overrides={"layer": pl.String, "leakage": pl.String})


def share_words(share: float | None, chance: float) -> str:
    """Return what a share of evidence on the cell says, in words.

    Args:
        share: The share, 0 to 1; None where the map is 0 everywhere.
        chance: The cell's share of the picture.

    Example:
        >>> share_words(0.8, 0.3)
        'mostly on the cell'
        >>> share_words(0.1, 0.3)
        'less on the cell than by chance: look for a shortcut in the background'
    """
    if share is None:
        return "no evidence at all"
    if chance >= WHOLE:
        return "the cell fills the picture: this says nothing"
    if share <= chance:
        return "less on the cell than by chance: look for a shortcut in the background"
    if share >= MOSTLY:
        return "mostly on the cell"
    return "more on the cell than by chance, but mostly beside it"


def title_of(classes: Classes, name: str | None) -> str:
    """Return a class's title; a question mark where it is not known."""
    return "?" if name is None or name not in classes.names else classes.title(name)


def _row(seen: Seen, place: int, cell: dict[str, Any], name: str) -> dict[str, Any]:
    row, found, share = seen.rows[place], seen.maps[place], seen.shares[place]
    return {
        "cell": cell["id"],
        "patient": cell["patient"],
        "label": cell["label"],
        "why": cell["why"],
        "model": seen.model.name,
        "part": None,
        "called": seen.cells.called[row],
        "probability": float(seen.cells.probability[row]),
        "method": seen.method,
        "layer": seen.layer,
        "class": seen.of[place],
        "logit": seen.logits[place],
        "share": share.share,
        "share_positive": share.positive,
        "chance": share.chance,
        "mask": seen.cells.masks[row].how,
        "height": found.shape[0],
        "width": found.shape[1],
        "lowest": float(found.min()),
        "highest": float(found.max()),
        "scale": seen.scale,
        "sanity": seen.sanity.verdict,
        "map": name,
        "leakage": seen.model.bundle.card.leakage,
    }


def _summary(seen: Seen) -> dict[str, Any]:
    share = _mean([each.share for each in seen.shares])
    chance = float(np.mean([each.chance for each in seen.shares]))
    return {
        "model": seen.model.name,
        "method": seen.method,
        "layer": seen.layer,
        "cells": len(set(seen.rows)),
        "share": share,
        "share_positive": _mean([each.positive for each in seen.shares]),
        "chance": chance,
        "words": BY_CONSTRUCTION if _always_on_cell(seen) else share_words(share, chance),
        "sanity_cells": seen.sanity.cells,
        "head": seen.sanity.head,
        "everything": seen.sanity.everything,
        "sanity": seen.sanity.verdict,
        "scale": seen.scale,
        "leakage": seen.model.bundle.card.leakage,
    }


def _always_on_cell(seen: Seen) -> bool:
    return METHODS[seen.method].of_light and all(seen.cells.masks[row].how == ON_BLACK for row in seen.rows)


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known else None
