"""Reading a bundle of any kind: of one model, or of several that decide together."""

from __future__ import annotations

from pathlib import Path

import torch

from leukoscope.bundles.ensemble_bundle import AnyBundle, EnsembleBundle
from leukoscope.bundles.ensemble_card import EnsembleCard
from leukoscope.bundles.ensemble_selftest import run_ensemble_selftest
from leukoscope.bundles.fields import card_from, is_ensemble, read_fields
from leukoscope.bundles.loading import load_bundle
from leukoscope.bundles.parts import CARD, differences, refuse_changed_files
from leukoscope.cohort.classes import Classes
from leukoscope.ensembles import RULES
from leukoscope.ensembles.rule import Fitted
from leukoscope.errors import BundleError, DataError


def open_bundle(folder: Path | str, *, device: str | torch.device = "cpu") -> AnyBundle:
    """Read a bundle and let it, and each of its members, pass its self-test on the device where it will work.

    Args:
        folder: The bundle.
        device: ``cpu``, ``cuda``.

    Returns:
        The bundle, ready to predict.

    Raises:
        BundleError: as of ``load_bundle``, for the bundle and for each of its members; or the members are not those
            that it was saved with, or their classes are others.
    """
    folder = Path(folder)
    fields = read_fields(folder)
    if not is_ensemble(fields):
        return load_bundle(folder, device=device)
    refuse_changed_files(folder, fields["files"])
    card = card_from(EnsembleCard.from_json, fields, folder)
    members = tuple(open_bundle(folder / member["folder"], device=device) for member in fields["members"])
    bundle = combined(folder, card, members)
    run_ensemble_selftest(folder, bundle, differences(fields["versions"]))
    return bundle


def combined(folder: Path, card: EnsembleCard, members: tuple[AnyBundle, ...]) -> EnsembleBundle:
    """Return members and their rule as one bundle.

    Args:
        folder: The bundle's.
        card: Its card.
        members: Its members, in the card's order.

    Raises:
        BundleError: a member is one of patients or of other classes, or the rule is unknown or one of other members.
    """
    for name, member in zip(card.members, members, strict=True):
        _refuse_unfit(name, member, card.classes, folder)
    return EnsembleBundle(folder, card, members, _fitted(card, folder))


def _fitted(card: EnsembleCard, folder: Path) -> Fitted:
    if card.rule not in RULES:
        raise BundleError(
            f"This version of Leukoscope knows no rule {card.rule!r} for several models.",
            where=str(folder / CARD),
            do="Update Leukoscope.",
        )
    try:
        return RULES[card.rule].restored(card.fitted, members=card.members, classes=card.classes)
    except (DataError, KeyError, TypeError, ValueError) as error:
        reason = error.what if isinstance(error, DataError) else f"{type(error).__name__}: {error}"
        what = f"What the rule {card.rule!r} has fitted cannot be read. {reason}"
        raise BundleError(what, where=str(folder / CARD), do="Save the bundle again.") from error


def _refuse_unfit(name: str, member: AnyBundle, classes: Classes, folder: Path) -> None:
    if member.card.task != "cells":
        what = f"The member {name!r} diagnoses patients; a bundle of several models is of cells."
        raise BundleError(what, where=str(folder))
    own = member.classes
    if (own.names, own.positive) != (classes.names, classes.positive):
        raise BundleError(
            f"The member {name!r} tells {', '.join(own.names)}, not {', '.join(classes.names)}.",
            where=str(folder),
            do="Save the bundle again, of models of the same classes in the same order.",
        )
