"""Seals: a digest of each field of ``bundle.json``, so that a change is noticed and can be named.

They guard against editing by hand and against mixed-up files; whoever wants to forge a bundle can make new seals.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from leukoscope.errors import BundleError

SEALS = "seals"
CONSEQUENCES = {
    "classes": "The probabilities would be given to the wrong classes.",
    "framing": "The network would see other pictures than it was trained on.",
    "input": "The network would see pictures of another size, range or order of colours than it was trained on.",
    "normalisation": "The network would see other colours than it was trained on.",
    "model": "The weights would be put into another network.",
    "outputs": "The weights give another number of outputs.",
    "threshold": "Cells would be called otherwise than in the scores that the bundle states.",
    "view_rule": "Other cells would be decided after fewer views than in the agreement that was stated.",
    "bag": "Patients would be diagnosed otherwise than in the scores that the bundle states.",
    "facts": "Other facts of a patient would count than in training.",
    "encoder": "A patient's facts would become other numbers than in training.",
    "fusion": "Facts and pictures would be weighed otherwise than in training.",
    "calibrator": "The probabilities would be other ones than the bundle's.",
    "band": "Other patients would be referred than the bundle promises.",
    "rule": "The models would be combined by another rule than in the scores that the bundle states.",
    "fitted": "The models would be combined otherwise than in the scores that the bundle states.",
    "members": "Other models would be combined, or in another order.",
    "leakage": "The mark of a leaking split must stay.",
}


def seals_of(fields: dict[str, Any]) -> dict[str, str]:
    """Return a digest (16 hexadecimal digits of SHA-256 over canonical JSON) of each field but the seals themselves."""
    return {name: _digest(value) for name, value in fields.items() if name != SEALS}


def refuse_broken_seals(fields: dict[str, Any], where: str) -> None:
    """Compare the fields with their seals.

    Args:
        fields: All of ``bundle.json``.
        where: Its path.

    Raises:
        BundleError: fields were changed, added or lost since the bundle was saved; the first of them is named.
    """
    kept, found = fields[SEALS], seals_of(fields)
    broken = [name for name in {**kept, **found} if kept.get(name) != found.get(name)]
    if broken:
        consequence = CONSEQUENCES.get(broken[0], "It no longer says what the bundle was saved with.")
        raise BundleError(
            f"The field {broken[0]!r} was changed after the bundle was saved. {consequence}",
            where=where,
            more=len(broken) - 1,
            do="Take the file as it was saved, or save the bundle again.",
        )


def _digest(value: Any) -> str:  # noqa: ANN401 - any JSON value
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]
