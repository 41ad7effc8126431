"""Maps of one cell: what in it speaks for a class, over the picture as the network saw it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from leukoscope.bundles.bundle import Bundle
from leukoscope.bundles.ensemble_bundle import AnyBundle, models_of
from leukoscope.errors import SettingsError
from leukoscope.explanation.overlay import Floats32, common_scale, overlay
from leukoscope.explanation.seeing.layers import last_maps, refuse_unsuitable
from leukoscope.explanation.seeing.maps import class_maps, find_method, output_of, seen_part
from leukoscope.explanation.seeing.methods import METHODS
from leukoscope.models.cell_model import CellModel
from leukoscope.models.contributions import instance_contributions
from leukoscope.models.network import cells_of
from leukoscope.models.patient_model import PatientModel
from leukoscope.pictures.conversion import Pixels
from leukoscope.training.device import as_input

EVIDENCE = "evidence"
EVIDENCE_MEANING = "How much each place adds to the answer for the class; together the places make what the cell adds."
COLOURS = "Orange speaks for the class, blue against it; pale grey says nothing."
ALONE = "As of a patient who had this cell alone."


@dataclass(frozen=True, eq=False)
class Map:
    """A map of one cell.

    Args:
        picture: (h, w, 3) uint8, RGB: the cell as the network saw it.
        over: Likewise, with the map in colour.
        what: How to read it, a few sentences.
    """

    picture: Pixels
    over: Pixels
    what: str


def methods_of(bundle: AnyBundle) -> tuple[str, ...]:
    """Return the methods of maps that a bundle's network allows, the usual one first; none for some networks.

    Args:
        bundle: The bundle; of several models the first one's maps are made.
    """
    model = models_of(bundle)[0]
    if isinstance(model.model, PatientModel):
        if model.model.fusion is not None:
            return ()
        if model.model.instances_of == "pixels":
            return (EVIDENCE,)
    cells = cells_of(model.model)
    try:
        refuse_unsuitable(cells)
    except SettingsError:
        return ()
    try:
        last_maps(cells, model.card.input_size)
    except SettingsError:
        return tuple(name for name, method in METHODS.items() if not method.of_layer)
    return tuple(METHODS)


def why_none(bundle: AnyBundle) -> str:
    """Return why a bundle's network allows no maps."""
    model = models_of(bundle)[0]
    try:
        refuse_unsuitable(cells_of(model.model))
    except SettingsError as error:
        return error.what
    return "The facts join within the network: no map of the picture alone can show what it says."


def map_of(bundle: AnyBundle, ways: tuple[Pixels, ...], shown: str, method: str) -> Map:
    """Return the map of one cell.

    Args:
        bundle: The bundle; of several models the first one's map is made.
        ways: The cell in each of the bundle's framings.
        shown: The class that the map speaks of.
        method: One of ``methods_of``.

    Raises:
        LeukoscopeError: the method does not go with the network after all.
    """
    model, picture = models_of(bundle)[0], ways[0]
    cells = cells_of(model.model)
    part = seen_part(picture, cells.crop)
    found = _evidence(model, picture, shown) if method == EVIDENCE else _class_map(cells, model, picture, shown, method)
    return Map(part, overlay(part, found, common_scale(found[None])), _what(bundle, method))


def _class_map(cells: CellModel, model: Bundle, picture: Pixels, shown: str, method: str) -> Floats32:
    found: Floats32 = class_maps(cells, picture[None], model.classes, of=shown, method=method).maps[0]
    return found


def _evidence(model: Bundle, picture: Pixels, shown: str) -> Floats32:
    """Return what each place of the feature map adds to the logit of a patient who had this cell alone."""
    network = model.model
    assert isinstance(network, PatientModel), "asked before"
    pixels = as_input(picture[None], model.device)
    output, sign = output_of(model.classes, shown)
    with torch.no_grad():
        maps = network.cells.features(pixels)
        instances = network.instances_of_features(maps.flatten(2).transpose(1, 2))
    values = instance_contributions(network, instances, None, output).values
    grid = tuple(maps.shape[2:])
    return np.asarray(sign * values[0].float().cpu().numpy().reshape(grid), dtype=np.float32)


def _what(bundle: AnyBundle, method: str) -> str:
    models = models_of(bundle)
    parts = [EVIDENCE_MEANING if method == EVIDENCE else find_method(method).meaning, COLOURS]
    parts += [ALONE] if models[0].card.task == "patients" else []
    parts += [f"Of the first of {len(models)} models: {models[0].card.name}."] if len(models) > 1 else []
    return " ".join(parts)
