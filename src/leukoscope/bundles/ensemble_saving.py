"""Writing a bundle of several models."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from leukoscope.bundles.ensemble_card import EnsembleCard
from leukoscope.bundles.ensemble_selftest import write_ensemble_selftest
from leukoscope.bundles.model_card import write_model_card
from leukoscope.bundles.opening import combined, open_bundle
from leukoscope.bundles.parts import CARD, FORMATS, refuse_other_content, versions
from leukoscope.bundles.seals import SEALS, seals_of
from leukoscope.bundles.selftest import FOLDER
from leukoscope.errors import SettingsError
from leukoscope.files import remove, sha256, write_json


def save_ensemble(folder: Path, members: Mapping[str, Path], card: EnsembleCard) -> None:
    """Write a bundle of several models: ``bundle.json``, ``members/``, each a copy of a whole bundle, ``selftest/``.

    ``MODEL_CARD.md`` and ``CHECKLIST.md`` stand beside them, as in ``save_bundle``.

    It is written beside its place, loaded once to see that it can be, and then put there; a bundle that was there
    before is replaced.

    Args:
        folder: Where to; new, empty, or an earlier bundle.
        members: The members' bundles by name, as the card names them.
        card: Everything else.

    Raises:
        SettingsError: the folder holds something else, or the card names other members.
        BundleError: a member is damaged, or one of patients or of other classes, or the rule does not fit the members.
    """
    folder = Path(folder)
    refuse_other_content(folder)
    if tuple(members) != card.members:
        what = f"The card names the members {', '.join(card.members)}; given are {', '.join(members)}."
        raise SettingsError(what, where=str(folder))
    fresh = folder.with_name(f".{folder.name}.new")
    remove(fresh)
    for name, own in card.folders.items():
        shutil.copytree(members[name], fresh / own)
    opened = tuple(open_bundle(fresh / own) for own in card.folders.values())
    write_ensemble_selftest(fresh, combined(fresh, card, opened))
    write_json(fresh / CARD, _sealed(fresh, card))
    write_model_card(fresh)
    open_bundle(fresh)
    remove(folder)
    fresh.rename(folder)


def _sealed(folder: Path, card: EnsembleCard) -> dict[str, Any]:
    # A member's card names the member's own files with their sums, so that its sum stands for the whole of it.
    paths = [*sorted((folder / FOLDER).iterdir()), *(folder / own / CARD for own in card.folders.values())]
    fields = {
        "format": FORMATS["ensemble"],
        **card.as_json(),
        "versions": versions(),
        "files": {path.relative_to(folder).as_posix(): sha256(path) for path in paths},
    }
    return {**fields, SEALS: seals_of(fields)}
