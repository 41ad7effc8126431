"""Checks for identical pictures: within a patient, across patients, classes, places and parts."""

from __future__ import annotations

from leukoscope.audit.checks.pairing import across_patients, differing, of_unknown_patients, told, within_patients
from leukoscope.audit.evidence import Evidence
from leukoscope.audit.finding import Finding


def identical_within_patient(evidence: Evidence) -> list[Finding]:
    """List the pictures that stand twice under one patient."""
    sentence = "{pairs} of identical pictures within one patient ({tally}): these cells count twice."
    return told("identical_within_patient", "note", sentence, within_patients(evidence.pairs), "unit")


def identical_across_patients(evidence: Evidence) -> list[Finding]:
    """List the pictures that stand under two patients."""
    sentence = (
        "{pairs} of identical pictures under the names of different patients ({tally}): trained on one and tested on "
        "the other, a score is too good."
    )
    do = "Keep these patients on one side (every split made here does), and ask the source whether they are one person."
    return told("identical_across_patients", "error", sentence, across_patients(evidence.pairs), "unit", do=do)


def identical_unknown_patients(evidence: Evidence) -> list[Finding]:
    """List the identical pictures of which a patient is not known."""
    sentence = "{pairs} of identical pictures whose patients are not known: it may be one cell under two names."
    do = "Keep them on one side; every split made here does."
    return told("identical_unknown_patients", "warning", sentence, of_unknown_patients(evidence.pairs), "label", do=do)


def identical_across_classes(evidence: Evidence) -> list[Finding]:
    """List the pictures that stand under two classes: at most one label can be right."""
    sentence = "{pairs} of identical pictures under different classes ({tally}): at most one label of each is right."
    do = "Ask who labelled them; until then they are left out of training."
    return told("identical_across_classes", "error", sentence, differing(evidence.pairs, "label"), "label", do=do)


def identical_across_places(evidence: Evidence) -> list[Finding]:
    """List the pictures that stand in two places of the data set as published: official parts that leak."""
    sentence = "{pairs} of identical pictures in different parts of the data set as published ({tally})."
    do = "Do not train on one of these parts and test on the other without leaving these patients out of one."
    return told("identical_across_places", "error", sentence, differing(evidence.pairs, "place"), "place", do=do)


def identical_across_parts(evidence: Evidence) -> list[Finding]:
    """List the pictures that the split puts on two sides."""
    sentence = "{pairs} of identical pictures on two sides of the split ({tally}): the test score is too good."
    pairs = differing(evidence.pairs, "part")
    return told("identical_across_parts", "error", sentence, pairs, "part", do="Split by patient.")
