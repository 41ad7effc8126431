"""The checks, one function each, in the order in which their findings are told."""

from __future__ import annotations

from collections.abc import Callable

from leukoscope.audit.checks.classes import few_in_class, patient_in_two_classes
from leukoscope.audit.checks.content import counts, excluded, unlabelled
from leukoscope.audit.checks.crop import beyond_crop
from leukoscope.audit.checks.files import misnamed, remarks, unreadable
from leukoscope.audit.checks.identical import (
    identical_across_classes,
    identical_across_parts,
    identical_across_patients,
    identical_across_places,
    identical_unknown_patients,
    identical_within_patient,
)
from leukoscope.audit.checks.links import link_swallows_class, linked_patients
from leukoscope.audit.checks.patients import patients_unknown
from leukoscope.audit.checks.sizes import mode_tells_class, size_tells_class, wrong_mode, wrong_size
from leukoscope.audit.evidence import Evidence
from leukoscope.audit.finding import Finding

Check = Callable[[Evidence], list[Finding]]

CHECKS: tuple[Check, ...] = (
    counts,
    excluded,
    unlabelled,
    patients_unknown,
    unreadable,
    misnamed,
    remarks,
    identical_within_patient,
    identical_across_patients,
    identical_unknown_patients,
    identical_across_classes,
    identical_across_places,
    identical_across_parts,
    linked_patients,
    link_swallows_class,
    patient_in_two_classes,
    few_in_class,
    wrong_size,
    size_tells_class,
    wrong_mode,
    mode_tells_class,
    beyond_crop,
)
"""Each takes the evidence and returns what it found: a finding, or none."""
