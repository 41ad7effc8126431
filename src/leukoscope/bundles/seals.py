"""Seals: a digest of each field of ``bundle.json``, so that a change is noticed and can be named.

They guard against editing by hand and against mixed-up files; whoever wants to forge a bundle can make new seals.
"""

from __future__ import annotations

from typing import Any

from leukoscope.errors import BundleError
from leukoscope.models.seals import SEALS, broken_seals, seals_of

__all__ = ["CONSEQUENCES", "SEALS", "refuse_broken_seals", "seals_of"]

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
    "confidence": "Other cells would be referred than in the scores that the bundle states.",
    "out_of_distribution": "Other cells would be flagged as unlike the training cells.",
    "rule": "The models would be combined by another rule than in the scores that the bundle states.",
    "fitted": "The models would be combined otherwise than in the scores that the bundle states.",
    "members": "Other models would be combined, or in another order.",
    "home": "Drift would be measured against other pictures and answers than those of the run.",
    "recalibrated": "It would no longer be said on whom calibration, threshold and referral were fitted.",
    "leakage": "The mark of a leaking split must stay.",
}


def refuse_broken_seals(fields: dict[str, Any], where: str) -> None:
    """Compare the fields with their seals.

    Args:
        fields: All of ``bundle.json``.
        where: Its path.

    Raises:
        BundleError: fields were changed, added or lost since the bundle was saved; the first of them is named.
    """
    broken = broken_seals(fields)
    if broken:
        consequence = CONSEQUENCES.get(broken[0], "It no longer says what the bundle was saved with.")
        raise BundleError(
            f"The field {broken[0]!r} was changed after the bundle was saved. {consequence}",
            where=where,
            more=len(broken) - 1,
            do="Take the file as it was saved, or save the bundle again.",
        )
