"""Reading a bundle, and refusing one that would not be right."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from pydantic import ValidationError
from safetensors.torch import load_file

from leukoscope.bundles.bundle import Bundle
from leukoscope.bundles.card import BundleCard
from leukoscope.bundles.network import normalisation_of, rebuild
from leukoscope.bundles.parts import CARD, FORMAT, FORMATS, WEIGHTS, refuse_changed_files, versions
from leukoscope.bundles.seals import SEALS, refuse_broken_seals
from leukoscope.bundles.selftest import run_selftest
from leukoscope.errors import BundleError, DataError, SettingsError
from leukoscope.files import read_json
from leukoscope.models.network import Network
from leukoscope.models.probabilities import outputs_of

OWN_FIELDS = ("normalisation", "outputs", "versions", "files", SEALS)
CARD_FIELDS = (
    "name",
    "classes",
    "framing",
    "input",
    "model",
    "threshold",
    "test_time",
    "weights",
    "trained_on",
    "leakage",
    "scores",
)
PATIENT_FIELDS = ("task", "bag", "facts", "encoder", "fusion", "calibrator", "band")
"""What a bundle of patients, format 2, has besides."""


def load_bundle(folder: Path | str, *, device: str | torch.device = "cpu") -> Bundle:
    """Read a bundle and let it pass its self-test on the device where it will work.

    Args:
        folder: The bundle.
        device: ``cpu``, ``cuda``.

    Returns:
        The bundle, ready to predict.

    Raises:
        BundleError: it is none, is of a newer format, was changed or damaged since it was saved, or does not give the
            results that it was saved with; the likely reason is said.
    """
    folder = Path(folder)
    fields = _read(folder)
    refuse_broken_seals(fields, str(folder / CARD))
    refuse_changed_files(folder, fields["files"])
    card = _card(fields, folder)
    if fields["outputs"] != outputs_of(card.classes):
        raise BundleError(
            f"The bundle states {fields['outputs']} outputs, but {outputs_of(card.classes)} are needed for the "
            f"classes {', '.join(card.classes.names)}.",
            where=str(folder / CARD),
        )
    model = rebuild(card, load_file(folder / WEIGHTS)).to(device)
    _refuse_other_normalisation(model, fields["normalisation"], folder)
    run_selftest(folder, model, card, _differences(fields["versions"]))
    return Bundle(folder, card, model)


def _read(folder: Path) -> dict[str, Any]:
    if not (folder / CARD).is_file():
        hint = f"Name {folder / 'bundle'}." if (folder / "bundle" / CARD).is_file() else "Check the path."
        raise BundleError(f"This is no bundle: it holds no {CARD}.", where=str(folder), do=hint)
    try:
        fields = read_json(folder / CARD)
    except DataError as error:
        raise BundleError(f"{CARD} is damaged. {error.what}", where=str(folder / CARD)) from error
    version = fields.get("format") if isinstance(fields, dict) else None
    if not isinstance(version, int):
        raise BundleError(f"This is no bundle: its {CARD} names no format.", where=str(folder / CARD))
    if version > FORMAT:
        raise BundleError(
            f"The bundle was saved by a newer Leukoscope (format {version}; this one reads {FORMAT}).",
            where=str(folder / CARD),
            do="Update Leukoscope.",
        )
    further = PATIENT_FIELDS if version == FORMATS["patients"] else ()
    missing = [name for name in (*CARD_FIELDS, *further, *OWN_FIELDS) if name not in fields]
    if missing:
        raise BundleError(f"{CARD} lacks: {', '.join(missing)}.", where=str(folder / CARD), do="Copy it again.")
    return dict(fields)


def _card(fields: dict[str, Any], folder: Path) -> BundleCard:
    try:
        return BundleCard.from_json(fields)
    except (SettingsError, ValidationError, KeyError, TypeError) as error:
        reason = error.what if isinstance(error, SettingsError) else f"{type(error).__name__}: {error}"
        raise BundleError(
            f"This version of Leukoscope cannot read the bundle's settings. {reason}",
            where=str(folder / CARD),
            do=f"Use the version that it was saved with: {fields['versions'].get('leukoscope')}.",
        ) from error


def _refuse_other_normalisation(model: Network, stated: dict[str, Any], folder: Path) -> None:
    if normalisation_of(model) != stated:
        raise BundleError(
            "The bundle states another normalisation of the channels than its weights hold.", where=str(folder / CARD)
        )


def _differences(kept: dict[str, str]) -> str:
    now = versions()
    changed = [f"{name} {kept[name]} (here {now.get(name)})" for name in kept if kept[name] != now.get(name)]
    return f"It was saved with {', '.join(changed)}; try those versions." if changed else ""
