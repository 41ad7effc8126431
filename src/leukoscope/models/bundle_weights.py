"""The backbone of a finished bundle, to start another network from; its files are read as they lie, nothing is run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor

from leukoscope.errors import DataError, WeightsError
from leukoscope.files import read_json, sha256
from leukoscope.models.bundle_origin import caution_of, first_weights, sets_of, words_of
from leukoscope.models.seals import SEALS, broken_seals
from leukoscope.models.tensors import read_tensors
from leukoscope.models.weight_files import Candidate, Wanted

CARD, WEIGHTS, SEEN = "bundle.json", "weights.safetensors", "seen.txt"
BUNDLE = "bundle"
"""What a run's folder calls its bundle."""
BACKBONE = {"cells": "backbone.net.", "patients": "cells.backbone.net."}
"""What the names of the backbone's tensors begin with, by the bundle's task."""
ENSEMBLE = "ensemble"
"""The kind of a bundle that is made of others."""
NORMALISATION = ("mean", "std")
OTHER = "Name another bundle, or set model.backbone and the rest of model as that bundle has them."


@dataclass(frozen=True, eq=False)
class BundleWeights:
    """What is taken from a bundle, and what must be known of it.

    Args:
        source: ``bundle`` and the name on its card.
        sha256: Of the file of weights.
        tensors: The backbone's, under timm's names.
        dropped: The names of the others: head, aggregator.
        mean: What is subtracted from each channel of a picture in 0 to 1.
        std: What it is then divided by.
        trained_on: What that bundle was trained on, in words, and what the weights that it began with were.
        caution: What whoever tests a network with these weights must see to.
        sets: Data sets of blood cells that the weights which that training began with had seen, and those that hold the
            pictures that it learnt from in another form.
        licence: Of the weights which that training began with; None where none is known.
    """

    source: str
    sha256: str
    tensors: dict[str, Tensor]
    dropped: tuple[str, ...]
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    trained_on: str
    caution: str
    sets: tuple[str, ...] = ()
    licence: str | None = None


def bundle_folder(name: str, beside: Path | None) -> Path | None:
    """Return the bundle that ``model.weights`` names, from the working folder or the folder of weights; None for none.

    Args:
        name: A path: a bundle, or the folder of a finished run, whose bundle it stands for.
        beside: The folder of weights, where there is one.
    """
    places = [Path(name), *([beside / name] if beside is not None else [])]
    bundles = [found for place in places for found in (place, place / BUNDLE)]
    return next((bundle for bundle in bundles if (bundle / CARD).is_file()), None)


def read_bundle_weights(folder: Path, wanted: Wanted) -> BundleWeights:
    """Read the backbone of a bundle of cells or patients.

    Args:
        folder: The bundle.
        wanted: The network that it is to go into.

    Raises:
        WeightsError: the bundle is damaged, or its backbone is another.
    """
    card = read_card(folder)
    refuse_other_network(card["model"], folder, wanted)
    digest = sha256(folder / WEIGHTS) if (folder / WEIGHTS).is_file() else None
    if digest is None or digest != card["files"].get(WEIGHTS):
        raise WeightsError(
            "The bundle's weights are missing or not those that were saved.",
            where=str(folder / WEIGHTS),
            do="Copy the bundle's folder again.",
        )
    stored, begin = read_tensors(folder / WEIGHTS), BACKBONE[card.get("task", "cells")]
    mean, std = (_colours(card["normalisation"][name]) for name in ("mean", "std"))
    return BundleWeights(
        source=f"bundle {card['name']}",
        sha256=digest,
        tensors={name.removeprefix(begin): value for name, value in stored.items() if name.startswith(begin)},
        dropped=tuple(name for name in stored if not name.startswith(begin) and not name.endswith(NORMALISATION)),
        mean=mean,
        std=std,
        trained_on=words_of(card),
        caution=caution_of(card),
        sets=sets_of(card),
        licence=first_weights(card).get("licence"),
    )


def read_card(folder: Path) -> dict[str, Any]:
    """Return what a bundle of one model says of itself, as it lies.

    Args:
        folder: The bundle.

    Raises:
        WeightsError: it is damaged, was changed since it was saved, or is of several models.
    """
    try:
        card = read_json(folder / CARD)
    except DataError as error:
        raise WeightsError(f"The bundle is damaged. {error.what}", where=str(folder / CARD)) from error
    if isinstance(card, dict) and card.get("kind") == ENSEMBLE:
        what = "This bundle is of several models; a network starts from one."
        raise WeightsError(what, where=str(folder), do=f"Name one of its members, in {folder / 'members'}.")
    needed = ("name", "model", "framing", "normalisation", "files", "trained_on", "leakage", SEALS)
    missing = [name for name in needed if not isinstance(card, dict) or name not in card]
    if missing:
        raise WeightsError(
            f"The bundle is damaged: {CARD} lacks {', '.join(missing)}.",
            where=str(folder / CARD),
            do="Copy the bundle's folder again.",
        )
    _refuse_broken_seals(card, folder / CARD)
    return dict(card)


def refuse_other_network(model: dict[str, Any], folder: Path, wanted: Wanted) -> None:
    """Refuse a bundle whose backbone is not the network that its weights are to go into, or sees other colours.

    Args:
        model: The bundle's ``model``.
        folder: The bundle.
        wanted: The network.

    Raises:
        WeightsError: its backbone, cut, stride, activation or normalisation is another; what to set is said.
    """
    own, asked = model["backbone"], wanted.backbone
    if own.partition(".")[0] != asked.partition(".")[0]:
        raise WeightsError(f"The bundle's backbone is {own}, not {asked}.", where=str(folder), do=OTHER)
    changes = Candidate(folder, model["cut"], model["stride_in_first"]).lacks(wanted)
    activation, normalise = model.get("activation", "own"), model.get("normalise", "weights")
    changes += [f"model.activation={activation}"] if activation != wanted.activation else []
    # Weights that learnt from unchanged pixels bring a normalisation that changes nothing.
    changes += [f"model.normalise={normalise}"] if normalise != wanted.normalise == "none" else []
    if changes:
        raise WeightsError(
            f"The weights don't fit this {asked}: the bundle's is cut or strides elsewhere, has another activation, or "
            "normalises its pictures.",
            where=str(folder),
            do=f"Set {' and '.join(changes)}, or name other weights.",
        )


def _refuse_broken_seals(card: dict[str, Any], where: Path) -> None:
    broken = broken_seals(card)
    if broken:
        raise WeightsError(
            f"The field {broken[0]!r} was changed after the bundle was saved.",
            where=str(where),
            more=len(broken) - 1,
            do="Take the file as it was saved, or save the bundle again.",
        )


def _colours(values: list[float]) -> tuple[float, float, float]:
    red, green, blue = map(float, values)
    return red, green, blue
