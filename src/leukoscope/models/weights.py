"""The weights that a network starts from, and the note of where they came from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from leukoscope.errors import WeightsError
from leukoscope.files import sha256
from leukoscope.models.bundle_origin import RANDOM
from leukoscope.models.bundle_weights import bundle_folder, read_bundle_weights
from leukoscope.models.fitting import fit_tensors
from leukoscope.models.hub import can_be_had, published_weights
from leukoscope.models.known_weights import KnownWeights, known_file
from leukoscope.models.own_networks import OWN_NETWORKS
from leukoscope.models.tensors import read_tensors
from leukoscope.models.timm_backbones import Backbone, create_backbone
from leukoscope.models.weight_files import Wanted, find_file, named_file, named_place
from leukoscope.recipes.none import NONE
from leukoscope.recipes.schema import ModelSettings

SHOWN = 12
"""Figures of a digest that are shown."""
LONG_DIGEST = re.compile(rf"[0-9a-f]{{{SHOWN + 1},}}")
IMAGENET = "imagenet"

Colours = tuple[float, float, float]


@dataclass(frozen=True)
class WeightsNote:
    """Where a network's first weights came from; it goes with every run.

    Args:
        source: ``random``; the file's name; the name on the hub; or ``bundle`` and its name. Of a joint model, this and
            the rest say it of each branch: ``A: resnet18.safetensors; B: random``.
        sha256: Of the file; None for random weights.
        licence: As stated where the weights were published, of a bundle's those that its own training began with; None
            where none is stated or the file is not known.
        trained_on: The pictures they were trained on, of a bundle also what was before; None where that is not known,
            or nothing.
        dropped: What the file holds that the network has no use for: the classifier, stages that were cut away.
        caution: What whoever tests a network with these weights must see to; None where there is nothing.
        sets: Data sets of blood cells whose pictures the weights saw, by the names of our readers.
    """

    source: str
    sha256: str | None = None
    licence: str | None = None
    trained_on: str | None = None
    dropped: tuple[str, ...] = ()
    caution: str | None = None
    sets: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the note as plain JSON values."""
        return {**asdict(self), "dropped": list(self.dropped), "sets": list(self.sets)}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> WeightsNote:
        """Return the note that ``as_json`` wrote, also an earlier version's."""
        listed = {name: tuple(value.get(name, ())) for name in ("dropped", "sets")}
        return cls(**{**value, **listed})

    def __repr__(self) -> str:
        if self.source == RANDOM:
            return "Weights: random"
        licence = self.licence or "not known"
        digest = LONG_DIGEST.sub(lambda found: found[0][:SHOWN], self.sha256 or "not known")
        caution = f". {self.caution}" if self.caution else ""
        trained = self.trained_on or "not known"
        return f"Weights: {self.source} (sha256 {digest}), trained on {trained}, licence {licence}{caution}"


@dataclass(frozen=True)
class Normalisation:
    """What a network wants done to a picture's channels: ``(x - mean) / std`` for x in 0 to 1, red, green, blue."""

    mean: Colours
    std: Colours


UNCHANGED = Normalisation((0.0, 0.0, 0.0), (1.0, 1.0, 1.0))
"""Pixels stay in 0 to 1."""


def load_weights(
    backbone: Backbone, settings: ModelSettings, weights_folder: Path | None
) -> tuple[WeightsNote, Normalisation]:
    """Load the weights that the settings name into a backbone, in place.

    ``imagenet`` looks in ``weights_folder`` for a file named after the backbone, and only where none is, in the hub's
    cache (and on the hub). Anything else is a path to a file, a folder of weights, or a bundle, whose backbone and
    normalisation are taken and whose head is not. Null or ``none`` leaves the random weights.

    Args:
        backbone: The network as built, with random weights.
        settings: The recipe's ``model``.
        weights_folder: The folder (or the file) given with ``--weights``; None where there is none.

    Returns:
        The note for the run, and the normalisation that goes with the weights.

    Raises:
        WeightsError: there are no such weights, or they don't fit.
    """
    own = Normalisation(_colours(backbone.config["mean"]), _colours(backbone.config["std"]))
    if settings.weights in (None, NONE):
        return WeightsNote(RANDOM), own
    if settings.weights == IMAGENET and backbone.name in OWN_NETWORKS:
        raise WeightsError(
            f"{backbone.name} is a network of our own, which nobody has trained on ImageNet.",
            where="model.weights",
            do="Set model.weights=none, or name a file or a bundle of it.",
        )
    wanted = _wanted(backbone, settings)
    bundle = None if settings.weights == IMAGENET else bundle_folder(settings.weights, weights_folder)
    if bundle is not None:
        return _from_bundle(backbone, bundle, wanted)
    path = chosen_file(settings, weights_folder, wanted)
    if path is None:
        return _from_hub(backbone, wanted, weights_folder), own
    return _from_file(backbone, path, wanted, own)


def chosen_file(settings: ModelSettings, folder: Path | None, wanted: Wanted | None = None) -> Path | None:
    """Return the file that a network's first weights are read from; None where the hub is to give them.

    Args:
        settings: The recipe's ``model``, whose weights are neither random nor a bundle's.
        folder: As in ``load_weights``.
        wanted: The network; made from the settings where None and needed.

    Raises:
        WeightsError: there is no such file or folder, or nothing in it that fits.
    """
    if settings.weights == IMAGENET:
        return folder if folder is None or folder.is_file() else find_file(folder, wanted or wanted_by(settings))
    name = str(settings.weights)
    place = named_place(name, folder)
    return place if place.is_file() else named_file(name, wanted or wanted_by(settings), folder)


def at_hand(settings: ModelSettings, folder: Path | None) -> bool:
    """Return whether published weights of a backbone (``weights: imagenet``) can be had: a file, the cache, the hub.

    A file that is named after the backbone and does not fit it is none.

    Args:
        settings: The recipe's ``model``.
        folder: As in ``load_weights``.

    Raises:
        WeightsError: there is no such folder of weights.
    """
    try:
        found = chosen_file(settings, folder)
    except WeightsError:
        if folder is not None and not folder.exists():
            raise
        return False
    return found is not None or (not settings.stride_in_first and can_be_had(settings.backbone))


def wanted_by(settings: ModelSettings) -> Wanted:
    """Return the network that a recipe wants weights for.

    Args:
        settings: The recipe's ``model``.
    """
    backbone = create_backbone(settings.backbone, cut=settings.cut, stride_in_first=settings.stride_in_first)
    return _wanted(backbone, settings)


def _wanted(backbone: Backbone, settings: ModelSettings) -> Wanted:
    stages, cut = backbone.layout.stages, backbone.cut
    return Wanted(backbone.name, stages, cut, settings.stride_in_first, settings.activation, settings.normalise)


def _from_file(backbone: Backbone, path: Path, wanted: Wanted, own: Normalisation) -> tuple[WeightsNote, Normalisation]:
    digest = sha256(path)
    known = known_file(digest, path)
    if known is None:
        dropped = fit_tensors(backbone, read_tensors(path), str(path))
        return WeightsNote(path.name, digest, dropped=dropped), own
    _refuse_other_stride(known, wanted, path)
    dropped = fit_tensors(backbone, read_tensors(path), str(path))
    note = WeightsNote(path.name, digest, known.licence, known.trained_on, dropped, sets=known.sets)
    return note, Normalisation(known.mean, known.std)


def _from_bundle(backbone: Backbone, folder: Path, wanted: Wanted) -> tuple[WeightsNote, Normalisation]:
    found = read_bundle_weights(folder, wanted)
    cut_away = fit_tensors(backbone, found.tensors, str(folder))
    dropped = (*found.dropped, *cut_away)
    note = WeightsNote(found.source, found.sha256, found.licence, found.trained_on, dropped, found.caution, found.sets)
    return note, Normalisation(found.mean, found.std)


def _refuse_other_stride(known: KnownWeights, wanted: Wanted, path: Path) -> None:
    # Both strides take the same tensors: only what is known of the file can tell.
    if known.backbone == wanted.backbone and known.stride_in_first != wanted.stride_in_first:
        needed = str(known.stride_in_first).lower()
        raise WeightsError(
            f"The weights don't fit this {wanted.backbone}: they have the stride in another convolution.",
            where=str(path),
            do=f"Set model.stride_in_first={needed}, or name other weights.",
        )


def _from_hub(backbone: Backbone, wanted: Wanted, folder: Path | None) -> WeightsNote:
    looked = f" {folder} holds no file named after it." if folder is not None else ""
    do = f"Name a file or folder with --weights, or train from random weights: set model.weights=none.{looked}"
    if wanted.stride_in_first:
        raise WeightsError(
            f"The hub has no weights of {backbone.name} with the stride in the first convolution.", do=do
        )
    found = published_weights(backbone.name, do)
    dropped = fit_tensors(backbone, found.tensors, found.name)
    return WeightsNote(found.name, found.sha256, found.licence, found.trained_on, dropped)


def _colours(values: Any) -> Colours:  # noqa: ANN401 - timm's lists and tuples
    red, green, blue = map(float, values)
    return red, green, blue
