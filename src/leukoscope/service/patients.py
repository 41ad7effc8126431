"""``POST /v1/patients``: what a patient has, by all pictures of their cells and their facts."""

from __future__ import annotations

from typing import Any

from leukoscope.bundles.card import RESEARCH_USE_ONLY
from leukoscope.service.by_cells import patient_of_cells
from leukoscope.service.diagnosis import diagnosed
from leukoscope.service.facts import read_facts
from leukoscope.service.refusal import Refusal
from leukoscope.service.served import Served
from leukoscope.service.upload import Upload

TEXTS = ("facts", "patient")
NAME_LENGTH = 200


async def answer_patients(served: Served, upload: Upload) -> dict[str, Any]:
    """Return what a bundle says of one patient.

    With a bundle of patients it is the diagnosis; with one of cells the mean of what it says of the cells, as
    ``evaluation.patients`` has it.

    Args:
        served: The bundle.
        upload: The request's form: pictures, and perhaps ``facts`` and ``patient``.

    Raises:
        Refusal: the pictures or the facts are refused.
    """
    refuse_other_texts(upload.texts, TEXTS)
    facts = read_facts(upload.texts.get("facts"), served.bundle)
    name = upload.texts.get("patient", "")[:NAME_LENGTH]
    of_patients = served.bundle.card.task == "patients"
    framed, notes = await served.framed(upload, black=of_patients)
    if of_patients:
        found = await diagnosed(served, framed, facts, upload.progress)
    else:
        found = await patient_of_cells(served, framed, upload.progress)
    found["patient"] = {"name": name, **found["patient"]}
    found["notes"] = [*notes, *found["notes"]]
    return {**found, "research_use_only": RESEARCH_USE_ONLY}


def refuse_other_texts(texts: dict[str, str], known: tuple[str, ...]) -> None:
    """Refuse a field of text that a form has no use for: a slip in its name would go unnoticed.

    Args:
        texts: The form's.
        known: Those that have a use.

    Raises:
        Refusal: there is another.
    """
    other = next((name for name in texts if name not in known), None)
    if other is not None:
        takes = f"Known: {', '.join(known)}." if known else "It takes pictures alone."
        raise Refusal(422, "unknown_field", f"The form has a field {other[:60]!r}, which has no use here.", do=takes)
