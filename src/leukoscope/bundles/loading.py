"""Reading a bundle, and refusing one that would not be right."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file

from leukoscope.bundles.bundle import Bundle
from leukoscope.bundles.card import BundleCard
from leukoscope.bundles.fields import card_from, is_ensemble, read_fields
from leukoscope.bundles.network import normalisation_of, rebuild
from leukoscope.bundles.parts import CARD, WEIGHTS, differences, refuse_changed_files
from leukoscope.bundles.reference import FIELD, read_reference, refuse_other_distances
from leukoscope.bundles.selftest import look_at_pictures, run_selftest
from leukoscope.errors import BundleError
from leukoscope.models.network import Network
from leukoscope.models.probabilities import outputs_of


def load_bundle(folder: Path | str, *, device: str | torch.device = "cpu") -> Bundle:
    """Read a bundle and let it pass its self-test on the device where it will work.

    Args:
        folder: The bundle.
        device: ``cpu``, ``cuda``.

    Returns:
        The bundle, ready to predict.

    Raises:
        BundleError: it is none, is of a newer format, is of several models (``open_bundle`` reads those too), was
            changed or damaged since it was saved, or does not give the results that it was saved with; then the
            likely reason is said, where one of the usual mistakes explains it.
    """
    folder = Path(folder)
    fields = read_fields(folder)
    _refuse_ensemble(fields, folder)
    refuse_changed_files(folder, fields["files"])
    card = card_from(BundleCard.from_json, fields, folder)
    if fields["outputs"] != outputs_of(card.classes):
        raise BundleError(
            f"The bundle states {fields['outputs']} outputs, but {outputs_of(card.classes)} are needed for the "
            f"classes {', '.join(card.classes.names)}.",
            where=str(folder / CARD),
        )
    model = rebuild(card, load_file(folder / WEIGHTS)).to(device)
    _refuse_other_normalisation(model, fields["normalisation"], folder)
    run_selftest(folder, model, card, differences(fields["versions"]))
    reference = read_reference(folder, fields.get(FIELD))
    if reference is not None:
        looks = look_at_pictures(folder, model, card)
        refuse_other_distances(folder, reference, looks, differences(fields["versions"]))
    return Bundle(folder, card, model, reference)


def _refuse_ensemble(fields: dict[str, Any], folder: Path) -> None:
    if is_ensemble(fields):
        names = ", ".join(str(folder / member["folder"]) for member in fields["members"])
        what = f"This is a bundle of {len(fields['members'])} models together; here one model is needed."
        raise BundleError(what, where=str(folder), do=f"Name one of them: {names}.")


def _refuse_other_normalisation(model: Network, stated: dict[str, Any], folder: Path) -> None:
    if normalisation_of(model) != stated:
        raise BundleError(
            "The bundle states another normalisation of the channels than its weights hold.", where=str(folder / CARD)
        )
