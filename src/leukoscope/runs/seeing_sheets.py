"""The sheets of a seeing folder: maps of several models and methods side by side, and channels of a layer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from leukoscope.explanation.seeing.activation_sheet import SAID, write_activation_sheet
from leukoscope.explanation.seeing.activations import activations_of
from leukoscope.explanation.seeing.drawing import Tile
from leukoscope.explanation.seeing.layers import last_maps
from leukoscope.explanation.seeing.map_sheet import Column, SeenMap, write_map_sheet
from leukoscope.explanation.seeing.maps import seen_part
from leukoscope.explanation.seeing.methods import METHODS
from leukoscope.reports.seeing_folder import SeeingFolder
from leukoscope.runs.seeing_maps import Seen, title_of
from leukoscope.runs.seeing_models import SeenCells, SeenModel

WIDEST = 6
"""Columns of maps on one sheet; of more, each method has a sheet of its own."""
ALARM = "LEAKAGE"
COLOURS = "Orange speaks for the class, blue against it, pale grey for neither."


def write_map_sheets(place: SeeingFolder, found: Sequence[Seen], chosen: pl.DataFrame) -> list[dict[str, Any]]:
    """Write the sheets of maps: one for all, or one a method where that would be too wide.

    Args:
        place: The folder.
        found: All maps.
        chosen: The cells: ``id``, ``label``, ``why``.

    Returns:
        ``file``, ``title`` and ``alt`` of each.
    """
    methods = list(dict.fromkeys(seen.method for seen in found))
    groups = [found] if len(found) <= WIDEST else [[seen for seen in found if seen.method == one] for one in methods]
    said = []
    for group in groups:
        own = list(dict.fromkeys(METHODS[seen.method].title for seen in group))
        name = "maps" if len(groups) == 1 else group[0].method
        ordered = sorted(group, key=lambda seen: methods.index(seen.method))
        path = place.sheets / f"{name}.png"
        leaks = any(seen.model.bundle.card.leakage for seen in group)
        cells = [_cell(ordered[0], row, of, chosen) for row, of in zip(ordered[0].rows, ordered[0].of, strict=True)]
        columns = [_column(seen, chosen) for seen in ordered]
        write_map_sheet(path, cells, columns, title=COLOURS, alarm=ALARM if leaks else "")
        models = ", ".join(dict.fromkeys(seen.model.name for seen in group))
        alt = f"{', '.join(own)} of {models}: a row a cell; the values stand in maps.csv."
        said.append({"file": f"sheets/{name}.png", "title": ", ".join(own), "alt": alt})
    return said


def write_activation_sheets(
    place: SeeingFolder,
    models: Sequence[tuple[SeenModel, SeenCells]],
    cell: str,
    layers: Sequence[str] | None,
) -> list[dict[str, Any]]:
    """Write what layers make of one cell, a sheet a model and layer.

    Args:
        place: The folder.
        models: The models, with the cells as they take them; the first cell is shown.
        cell: Its name.
        layers: Names of layers; each model's last feature maps where None.

    Returns:
        ``file``, ``title`` and ``alt`` of each; none of a network without feature maps where no layer was named.

    Raises:
        SettingsError: a model has no such layer, or it gives no feature maps.
    """
    said = []
    for number, (model, cells) in enumerate(models):
        size = (cells.pictures.shape[1], cells.pictures.shape[2])
        for turn, layer in enumerate(layers or [last_maps(model.network, size)]):
            found = activations_of(model.network, cells.pictures[0], layer)
            name = f"activations_{number}_{turn}.png"
            picture = seen_part(cells.pictures[0], model.network.crop)
            write_activation_sheet(place.sheets / name, picture, found, name=cell)
            title = f"{model.name}, layer {layer}: {SAID[found.which]} {len(found.channels)} of {found.of} channels"
            said.append({"file": f"sheets/{name}", "title": title, "alt": f"{title}, for the cell {cell}."})
    return said


def _cell(seen: Seen, row: int, of: str, chosen: pl.DataFrame) -> Tile:
    about, classes = chosen.row(row, named=True), seen.model.bundle.classes
    lines = (about["id"], f"is: {title_of(classes, about['label'])}", about["why"], f"map: {title_of(classes, of)}")
    return Tile(seen_part(seen.cells.pictures[row], seen.model.network.crop), lines)


def _column(seen: Seen, chosen: pl.DataFrame) -> Column:
    layer = f"layer {seen.layer}" if seen.layer else "the picture's pixels"
    head = f"{seen.model.name}\n{METHODS[seen.method].title}\n{layer}\nstrongest from {seen.scale:.2g}"
    maps = [_seen(seen, place, chosen["label"][row]) for place, row in enumerate(seen.rows)]
    return Column(head, seen.scale, maps)


def _seen(seen: Seen, place: int, label: str | None) -> SeenMap:
    row, share, classes = seen.rows[place], seen.shares[place], seen.model.bundle.classes
    called, probability = seen.cells.called[row], seen.cells.probability[row]
    wrong = label is not None and called != label
    on = "no evidence" if share.share is None else f"{100 * share.share:.0f} % on the cell"
    lines = (
        f"{'wrong, ' if wrong else ''}{probability:.2f}: {title_of(classes, called)}",
        on,
        f"(the cell: {100 * share.chance:.0f} %)",
    )
    picture = seen_part(seen.cells.pictures[row], seen.model.network.crop)
    return SeenMap(picture, seen.shown[place], lines, wrong)
