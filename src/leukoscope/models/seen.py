"""What weights have seen before a training begins: pictures, by their hashes, and whole data sets."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from leukoscope.errors import WeightsError
from leukoscope.files import sha256
from leukoscope.models.bundle_origin import sets_of
from leukoscope.models.bundle_weights import SEEN, bundle_folder, read_card
from leukoscope.models.joint_building import networks_of
from leukoscope.models.known_weights import known_file
from leukoscope.models.weights import IMAGENET, chosen_file
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
        sets: Data sets that they saw, or may have seen, as a whole or in part, by the names of our readers.
        unlisted: Bundles, saved by an earlier version, that do not say which pictures they saw.
    """

    pictures: frozenset[str] = frozenset()
    sets: tuple[str, ...] = ()
    unlisted: tuple[str, ...] = ()

    def __or__(self, other: Seen) -> Seen:
        sets, unlisted = ([*own, *its] for own, its in ((self.sets, other.sets), (self.unlisted, other.unlisted)))
        return Seen(self.pictures | other.pictures, tuple(dict.fromkeys(sets)), tuple(dict.fromkeys(unlisted)))


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
        SettingsError: there is no such network.
    """
    found = Seen()
    for own in networks_of(settings).values():
        if own.weights in (None, NONE):
            continue
        bundle = None if own.weights == IMAGENET else bundle_folder(own.weights, weights_folder)
        found |= _of_file(own, weights_folder) if bundle is None else seen_by_bundle(bundle)
    return found


def seen_by_bundle(folder: Path) -> Seen:
    """Return what a bundle has seen: the pictures that it learnt from, and what its own first weights had seen.

    A data set that it learnt from is known picture by picture; sets of the same pictures in another form, whose bytes
    differ, are told as a whole.

    Args:
        folder: The bundle; one that was saved by an earlier version says nothing of pictures, and is ``unlisted``.

    Raises:
        WeightsError: it is damaged, or of several models, or its list of pictures is not the one that was saved.
    """
    card, path = read_card(folder), folder / SEEN
    sets, kept = sets_of(card), card["files"].get(SEEN)
    if kept is None:
        return Seen(sets=sets, unlisted=(str(folder),))
    if not path.is_file() or sha256(path) != kept:
        raise WeightsError(
            "The bundle's list of the pictures that it has seen is missing, or not the one that was saved.",
            where=str(path),
            do="Copy the bundle's folder again.",
        )
    return Seen(frozenset(path.read_text(encoding="ascii").split()), sets)


def _of_file(settings: ModelSettings, folder: Path | None) -> Seen:
    """Return what the file saw that a network's weights are read from: the one that ``load_weights`` takes."""
    try:
        path = chosen_file(settings, folder)
    except WeightsError:
        return Seen()  # Loading them says what is wrong.
    known = None if path is None else known_file(sha256(path), path)
    return Seen() if known is None else Seen(sets=known.sets)
