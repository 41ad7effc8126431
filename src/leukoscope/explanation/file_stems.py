"""Names of files for patients, whatever a patient is called."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

from leukoscope.errors import DataError

LONGEST = 48
TAKEN = ("index", "logit_maps")
DIGITS = 8


def file_stems(patients: Iterable[str], taken: Iterable[str] = TAKEN) -> dict[str, str]:
    """Return a file name without ending for each patient: the patient's name where a file may be called so.

    Letters, digits, full stops within, hyphens and underscores stay. Where anything had to be changed, or another
    file's name differs in case alone, part of a hash of the name is added, so that no two patients share a file.

    Args:
        patients: The patients' names, all different.
        taken: File names that are not to be had.

    Raises:
        DataError: a patient's name stands twice.

    Example:
        >>> file_stems(["P1", "a/b", "p1"])
        {'P1': 'P1', 'a/b': 'a_b-82badf67', 'p1': 'p1-f9bce01e'}
    """
    stems: dict[str, str] = {}
    used = {name.casefold() for name in taken}
    for patient in patients:
        if patient in stems:
            raise DataError("Two patients have one name.", where=f"patient {patient}")
        stem = re.sub(r"[^A-Za-z0-9._-]", "_", patient)[:LONGEST].strip(".")
        if stem != patient or not stem or stem.casefold() in used:
            digest = hashlib.blake2b(patient.encode(), digest_size=DIGITS // 2).hexdigest()
            stem = f"{stem or 'patient'}-{digest}"
        stems[patient] = stem
        used.add(stem.casefold())
    return stems
