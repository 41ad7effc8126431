"""What weights have seen before a training begins: pictures, by their hashes, and whole data sets."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from leukoscope.errors import WeightsError
from leukoscope.files import read_json, sha256
from leukoscope.models.bundle_weights import CARD, SEEN, bundle_folder
from leukoscope.models.joint_building import networks_of
from leukoscope.models.known_weights import known_file
from leukoscope.models.weights import IMAGENET
from leukoscope.recipes.none import NONE
from leukoscope.recipes.schema import ModelSettings

DIGITS = 16
"""Hexadecimal digits of a picture's SHA-256 that are kept: among a million pictures two are alike by chance once in
thirty million."""


@dataclass(frozen=True)
class Seen:
    """Pictures that weights were trained on, or chosen by.

    Args:
        pictures: The first 16 hexadecimal digits of the SHA-256 of each picture's file, as far as they are known.
        sets: Data sets that they saw as a whole or in part, by the names of our readers.
    """

    pictures: frozenset[str] = frozenset()
    sets: tuple[str, ...] = ()

    def __or__(self, other: Seen) -> Seen:
        return Seen(self.pictures | other.pictures, tuple(dict.fromkeys([*self.sets, *other.sets])))


def shortened(digests: Iterable[str]) -> frozenset[str]:
    """Return the first digits of SHA-256 sums, as bundles keep them."""
    return frozenset(digest[:DIGITS] for digest in digests)


def seen_by_weights(settings: ModelSettings, weights_folder: Path | None) -> Seen:
    """Return what the weights that a network starts from have seen of blood cells.

    Args:
        settings: The recipe's ``model``.
        weights_folder: As in ``load_weights``.

    Raises:
        WeightsError: a bundle that it starts from is damaged.
    """
    found = Seen()
    for own in networks_of(settings).values():
        if own.weights in (None, NONE, IMAGENET):
            continue
        bundle = bundle_folder(own.weights, weights_folder)
        found |= _of_file(own.weights, weights_folder) if bundle is None else seen_by_bundle(bundle)
    return found


def seen_by_bundle(folder: Path) -> Seen:
    """Return what a bundle has seen: the pictures that it learnt from, and what its own first weights had seen.

    Args:
        folder: The bundle; one that was saved by an earlier version says nothing of pictures.

    Raises:
        WeightsError: its list of pictures is not the one that was saved.
    """
    card, path = read_json(folder / CARD), folder / SEEN
    kept = card.get("files", {}).get(SEEN)
    if kept is not None and (not path.is_file() or sha256(path) != kept):
        raise WeightsError(
            "The bundle's list of the pictures that it has seen is missing, or not the one that was saved.",
            where=str(path),
            do="Copy the bundle's folder again.",
        )
    pictures = frozenset(path.read_text(encoding="ascii").split()) if kept is not None else frozenset()
    return Seen(pictures, tuple((card.get("weights") or {}).get("sets", ())))


def _of_file(name: str, beside: Path | None) -> Seen:
    places = [Path(name), *([beside / name] if beside is not None else [])]
    path = next((place for place in places if place.is_file()), None)
    known = None if path is None else known_file(sha256(path), path.name)
    return Seen() if known is None else Seen(sets=known.sets)
