"""What networks see, as a folder: class maps of chosen cells, checked and measured, sheets, and the page."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from leukoscope.cohort.cohort import Cohort
from leukoscope.errors import SettingsError, nearest
from leukoscope.explanation.seeing.choosing import RULE, choose_cells
from leukoscope.explanation.seeing.maps import find_method, output_of
from leukoscope.explanation.seeing.methods import METHODS
from leukoscope.files import locked, remove, write_bytes, write_json, write_table
from leukoscope.progress import progress
from leukoscope.reports.seeing_folder import SeeingFolder
from leukoscope.reports.seeing_page import write_seeing_page
from leukoscope.runs.folder import now, versions
from leukoscope.runs.run import Run
from leukoscope.runs.seeing_maps import Seen, maps_table, methods_table, see
from leukoscope.runs.seeing_models import SeenCells, SeenModel, open_models, see_cells
from leukoscope.runs.seeing_sheets import write_activation_sheets, write_map_sheets

FORMAT = 1
NUMBER = 8
NAMED = "named"
NAMED_RULE = "The cells were named."


def write_seeing(
    runs: Sequence[Run],
    folder: Path,
    *,
    cells: Sequence[str] | None = None,
    number: int = NUMBER,
    methods: Sequence[str] | None = None,
    layer: str | None = None,
    classes: Sequence[str] | None = None,
    activations: Sequence[str] | None = None,
    cohort: Cohort | None = None,
    seed: int = 0,
    device: str = "cpu",
    command: str | None = None,
) -> Path:
    """Show what the networks of finished runs look at in chosen cells, and whether one may believe the maps.

    Pictures are read again from the first run's cohort. Each model sees them in its own framing.

    Args:
        runs: One or more runs of cells, of the same classes.
        folder: Where to write; an earlier such folder is replaced.
        cells: Names of cells of the first run's cohort; chosen from its test part by ``RULE`` where None.
        number: How many cells are chosen.
        methods: Names in ``METHODS``; all where None.
        layer: The layer that maps are laid on, which every network must have; each one's last feature maps where None.
        classes: The classes that the maps speak of, a row each; where None, the one that the first model calls.
        activations: Layers whose channels are shown for the first cell; each model's last feature maps where None.
        cohort: The first run's cohort where its pictures are now; None where they have not been moved.
        seed: Of the sanity check's weights.
        device: ``auto``, ``cpu`` or ``cuda``.
        command: What was typed, for the record.

    Returns:
        The page, ``seeing.html``.

    Raises:
        SettingsError: an unknown method, class, layer or cell, no run, or the folder holds something else.
        DataError: the runs' classes differ, or a picture cannot be read.
        BundleError: a bundle is damaged.
    """
    wanted = list(dict.fromkeys(methods or METHODS))
    for name in wanted:
        find_method(name)
    place = SeeingFolder(Path(folder))
    _refuse_strange(place)
    models = open_models(runs, device)
    for name in classes or []:
        output_of(models[0].bundle.classes, name)
    known = models[0].run.cohort if cohort is None else cohort
    chosen = _chosen(models[0].run, known, cells, number)
    seen = [(model, see_cells(model, known, chosen)) for model in models]
    called = seen[0][1].called
    asked = [(row, name) for row in range(chosen.height) for name in classes or [called[row]]]
    found = _found(seen, asked, wanted, layer, seed)
    with locked(place.path):
        _clear(place)
        write_table(place.table, maps_table(found, chosen))
        write_table(place.methods, methods_table(found))
        _write_maps(place, found)
        sheets = write_map_sheets(place, found, chosen)
        channels = _activation_sheets(place, seen, chosen["id"][0], activations, found)
        rule = NAMED_RULE if cells else RULE
        about = {"sheets": sheets, "activations": channels, "rule": rule, "command": command, "cells": chosen.height}
        write_json(place.record, _described(seen, wanted, classes) | about)
        write_seeing_page(place.path)
    return place.page


def _chosen(run: Run, cohort: Cohort, cells: Sequence[str] | None, number: int) -> pl.DataFrame:
    """Return ``id``, ``path``, ``patient``, ``label``, ``why``, and ``mask`` where the data set has masks."""
    if cells:
        _refuse_unknown_cells(cells, cohort)
        picked = pl.DataFrame({"id": list(dict.fromkeys(cells))}).with_columns(why=pl.lit(NAMED))
    else:
        picked = choose_cells(run.predictions("test"), number, threshold=run.threshold).select("id", "why")
    kept = ["id", "path", "patient", "label", *(["mask"] if "mask" in cohort.cells.columns else [])]
    return picked.join(cohort.cells.select(kept), on="id", how="left", maintain_order="left")


def _refuse_unknown_cells(cells: Sequence[str], cohort: Cohort) -> None:
    known = cohort.cells["id"].to_list()
    unknown = [name for name in dict.fromkeys(cells) if name not in set(known)]
    if unknown:
        raise SettingsError(
            f"The cohort has no cell {unknown[0]!r}.",
            where="cells",
            more=len(unknown) - 1,
            do=nearest(unknown[0], known),
        )


def _found(
    seen: Sequence[tuple[SeenModel, SeenCells]],
    asked: Sequence[tuple[int, str]],
    methods: Sequence[str],
    layer: str | None,
    seed: int,
) -> list[Seen]:
    found = []
    with progress("Looking at what the networks see", len(seen) * len(methods)) as advance:
        for model, cells in seen:
            for method in methods:
                found.append(see(model, cells, asked, method=method, layer=layer, seed=seed))
                advance(1)
    return found


def _activation_sheets(
    place: SeeingFolder,
    seen: Sequence[tuple[SeenModel, SeenCells]],
    cell: str,
    layers: Sequence[str] | None,
    found: Sequence[Seen],
) -> list[dict[str, Any]]:
    # A network without feature maps has been explained by its pixels; it has no channels to show unless asked for.
    with_maps = {each.model.name for each in found if each.layer is not None}
    shown = [pair for pair in seen if layers or pair[0].name in with_maps]
    return write_activation_sheets(place, shown, cell, layers)


def _write_maps(place: SeeingFolder, found: Sequence[Seen]) -> None:
    maps = [one for seen in found for one in seen.maps]
    content = io.BytesIO()
    np.savez_compressed(content, **{f"map_{number:04d}": one for number, one in enumerate(maps)})  # type: ignore[arg-type]
    write_bytes(place.maps, content.getvalue())


def _described(
    seen: Sequence[tuple[SeenModel, SeenCells]], methods: Sequence[str], classes: Sequence[str] | None
) -> dict[str, Any]:
    first = seen[0][0].bundle
    return {
        "format": FORMAT,
        "started": now(),
        "versions": versions(),
        "classes": {name: first.classes.title(name) for name in first.classes.names},
        "asked": list(classes) if classes else None,
        "models": [_model(model, cells) for model, cells in seen],
        "methods": [_method(name, seen) for name in methods],
        "leakage": list(dict.fromkeys(model.bundle.card.leakage for model, _ in seen if model.bundle.card.leakage)),
    }


def _model(model: SeenModel, cells: SeenCells) -> dict[str, Any]:
    height, width = cells.pictures.shape[1:3]
    card = model.bundle.card
    return {
        "name": model.name,
        "folder": str(model.run.folder),
        "backbone": model.network.backbone.name + (f" up to {card.model.cut}" if card.model.cut else ""),
        "size": [int(height), int(width)],
        "crop": model.network.crop,
        "framing": card.framing.spec(),
        "threshold": card.threshold,
        "leakage": card.leakage,
    }


def _method(name: str, seen: Sequence[tuple[SeenModel, SeenCells]]) -> dict[str, Any]:
    method = METHODS[name]
    sizes = [(int(cells.pictures.shape[1]), int(cells.pictures.shape[2])) for _, cells in seen]
    settings = dict.fromkeys(method.settings(*size) for size in sizes)
    known = {"name": name, "title": method.title, "source": method.source, "meaning": method.meaning}
    return known | {"settings": "; ".join(filter(None, settings))}


def _clear(place: SeeingFolder) -> None:
    for path in (place.record, place.table, place.methods, place.maps, place.sheets, place.page):
        remove(path)


def _refuse_strange(place: SeeingFolder) -> None:
    if not place.path.exists():
        return
    if not place.path.is_dir():
        raise SettingsError("A folder is needed here, and this is a file.", where=str(place.path))
    held = {entry.name for entry in place.path.iterdir()} - {".lock"}
    # A writing that was stopped leaves what is the folder's own, without the record, which comes late.
    if not (place.record.is_file() or held <= place.own):
        what = "This folder is not empty, and holds something else than class maps."
        raise SettingsError(what, where=str(place.path), do="Name another --out.")
