"""The fields of ``bundle.json``: read, with their seals, or refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from leukoscope.bundles.parts import CARD, FORMAT, FORMATS
from leukoscope.bundles.seals import SEALS, refuse_broken_seals
from leukoscope.errors import BundleError, DataError, SettingsError
from leukoscope.files import read_json

Card = TypeVar("Card")

OF_NETWORK = (
    "framing",
    "input",
    "model",
    "test_time",
    "weights",
    "normalisation",
    "outputs",
)
OF_PATIENTS = ("task", "bag", "facts", "encoder", "fusion", "calibrator", "band")
OF_ENSEMBLE = ("kind", "rule", "fitted", "members")
OF_ALL = ("name", "classes", "threshold", "trained_on", "leakage", "scores", "versions", "files", SEALS)
FIELDS = {
    FORMATS["cells"]: (*OF_NETWORK, *OF_ALL),
    FORMATS["patients"]: (*OF_NETWORK, *OF_PATIENTS, *OF_ALL),
    FORMATS["ensemble"]: (*OF_ENSEMBLE, *OF_ALL),
}
"""What a bundle of each format must have."""


def read_fields(folder: Path) -> dict[str, Any]:
    """Read ``bundle.json`` of a bundle of any kind, as it was saved.

    Args:
        folder: The bundle.

    Raises:
        BundleError: there is none, it is of a newer format, lacks something, or was changed since it was saved.
    """
    where = folder / CARD
    fields = _read(folder)
    version = fields.get("format") if isinstance(fields, dict) else None
    if not isinstance(version, int) or version < min(FIELDS):
        raise BundleError(f"This is no bundle: its {CARD} names no format.", where=str(where))
    if version > FORMAT:
        raise BundleError(
            f"The bundle was saved by a newer Leukoscope (format {version}; this one reads {FORMAT}).",
            where=str(where),
            do="Update Leukoscope.",
        )
    missing = [name for name in FIELDS[version] if name not in fields]
    if missing:
        raise BundleError(f"{CARD} lacks: {', '.join(missing)}.", where=str(where), do="Copy it again.")
    refuse_broken_seals(fields, str(where))
    return dict(fields)


def is_ensemble(fields: dict[str, Any]) -> bool:
    """Return whether a bundle is made of others.

    Args:
        fields: From ``read_fields``.
    """
    return bool(fields["format"] == FORMATS["ensemble"])


def card_from(from_json: Callable[[dict[str, Any]], Card], fields: dict[str, Any], folder: Path) -> Card:
    """Make a bundle's card of its fields.

    Args:
        from_json: What makes the card.
        fields: From ``read_fields``.
        folder: The bundle, for the error.

    Raises:
        BundleError: a value that this version does not know.
    """
    try:
        return from_json(fields)
    except (SettingsError, ValidationError, KeyError, TypeError) as error:
        reason = error.what if isinstance(error, SettingsError) else f"{type(error).__name__}: {error}"
        raise BundleError(
            f"This version of Leukoscope cannot read the bundle's settings. {reason}",
            where=str(folder / CARD),
            do=f"Use the version that it was saved with: {fields['versions'].get('leukoscope')}.",
        ) from error


def _read(folder: Path) -> Any:  # noqa: ANN401 - any JSON value
    if not (folder / CARD).is_file():
        hint = f"Name {folder / 'bundle'}." if (folder / "bundle" / CARD).is_file() else "Check the path."
        raise BundleError(f"This is no bundle: it holds no {CARD}.", where=str(folder), do=hint)
    try:
        return read_json(folder / CARD)
    except DataError as error:
        raise BundleError(f"{CARD} is damaged. {error.what}", where=str(folder / CARD)) from error
