"""Checks for near twins, one cell in two pictures: within a patient, across patients, classes, places and parts."""

from __future__ import annotations

from leukoscope.audit.checks.pairing import across_patients, differing, of_unknown_patients, told, within_patients
from leukoscope.audit.evidence import Evidence
from leukoscope.audit.finding import Finding


def near_within_patient(evidence: Evidence) -> list[Finding]:
    """List the cells that stand twice under one patient, in pictures that are not identical."""
    sentence = (
        "{pairs} of pictures of one cell, each within one patient ({tally}; correlation {correlation}): turned, "
        "cropped, coloured or compressed anew, such a cell counts twice."
    )
    return told("near_within_patient", "note", sentence, within_patients(evidence.near), "unit")


def near_across_patients(evidence: Evidence) -> list[Finding]:
    """List the cells that stand under two patients, in pictures that are not identical."""
    sentence = (
        "{pairs} of pictures of one cell, under the names of different patients ({tally}; correlation {correlation}): "
        "no byte tells, but trained on one and tested on the other, a score is too good."
    )
    do = "Look at them. Keep these patients on one side (every split made here does), and ask the source."
    return told("near_across_patients", "error", sentence, across_patients(evidence.near), "unit", do=do)


def near_unknown_patients(evidence: Evidence) -> list[Finding]:
    """List the cells that stand in two pictures of which a patient is not known."""
    sentence = (
        "{pairs} of pictures of one cell (correlation {correlation}), whose patients are not known: on two sides of a "
        "split they flatter its score."
    )
    do = "Look at them, and keep each pair on one side (every split made here does)."
    return told("near_unknown_patients", "warning", sentence, of_unknown_patients(evidence.near), "label", do=do)


def overlapping_fields(evidence: Evidence) -> list[Finding]:
    """List the pictures that share a part of a field, though the cells in their middles are two."""
    pairs = evidence.overlapping
    one = pairs.height == within_patients(pairs).height
    whose = "all of one patient" if one else "not all of one known patient"
    sentence = (
        f"{{pairs}} of pictures that overlap: two cells of one field, one seen in part beside the other, {whose}."
    )
    do = None if one else "Look at them, and keep each pair on one side: they come from one smear."
    return told("overlapping_fields", "note" if one else "warning", sentence, pairs, "unit", do=do)


def near_across_classes(evidence: Evidence) -> list[Finding]:
    """List the cells that stand under two classes in two pictures: at most one label can be right."""
    sentence = (
        "{pairs} of pictures of one cell, under different classes ({tally}; correlation {correlation}): at most one "
        "label of each is right."
    )
    do = "Ask who labelled them; until then they are left out of training."
    return told("near_across_classes", "error", sentence, differing(evidence.near, "label"), "label", do=do)


def near_across_places(evidence: Evidence) -> list[Finding]:
    """List the cells that stand in two places of the data set as published, in pictures that are not identical."""
    sentence = "{pairs} of pictures of one cell, in different parts of the data set as published ({tally})."
    do = "Do not train on one of these parts and test on the other without leaving these cells out of one."
    return told("near_across_places", "error", sentence, differing(evidence.near, "place"), "place", do=do)


def near_across_parts(evidence: Evidence) -> list[Finding]:
    """List the cells that the split puts on two sides, in pictures that are not identical."""
    sentence = "{pairs} of pictures of one cell, on two sides of the split ({tally}): the test score is too good."
    do = "Split with the twins linked, or drop one of each pair."
    return told("near_across_parts", "error", sentence, differing(evidence.near, "part"), "part", do=do)
