"""The checks, one function each, in the order in which their findings are told."""

from __future__ import annotations

from collections.abc import Callable

from leukoscope.audit.checks.classes import few_in_class, patient_in_two_classes
from leukoscope.audit.checks.confounding import class_goes_with_place, patient_makes_class
from leukoscope.audit.checks.content import counts, excluded, unlabelled
from leukoscope.audit.checks.crop import beyond_crop
from leukoscope.audit.checks.doubles import declared_doubles
from leukoscope.audit.checks.files import misnamed, remarks, unreadable
from leukoscope.audit.checks.identical import (
    identical_across_classes,
    identical_across_parts,
    identical_across_patients,
    identical_across_places,
    identical_unknown_patients,
    identical_within_patient,
)
from leukoscope.audit.checks.known import known_contradictions, pixels_not_seen, reader_notes
from leukoscope.audit.checks.links import known_links, link_swallows_class, linked_patients
from leukoscope.audit.checks.marks import boxes_without_area, marks_beyond_picture, pictures_without_boxes
from leukoscope.audit.checks.masks import masks_missing, stray_values_in_masks
from leukoscope.audit.checks.near import (
    near_across_classes,
    near_across_parts,
    near_across_patients,
    near_across_places,
    near_unknown_patients,
    near_within_patient,
    overlapping_fields,
)
from leukoscope.audit.checks.patient_table import (
    beyond_stated_limits,
    more_patients_than_stated,
    several_date_formats,
    written_differently,
)
from leukoscope.audit.checks.patients import patient_contradicts_cells, patients_unknown
from leukoscope.audit.checks.shortcuts import (
    cell_shortcut,
    clinical_shortcut,
    colour_shortcut,
    shortcuts_not_tried,
    shortcuts_together,
    technical_shortcut,
)
from leukoscope.audit.checks.sizes import mode_tells_class, odd_file_size, size_tells_class, wrong_mode, wrong_size
from leukoscope.audit.checks.stain import stain_by_place, stain_drift
from leukoscope.audit.evidence import Evidence
from leukoscope.audit.finding import Finding

Check = Callable[[Evidence], list[Finding]]

CHECKS: tuple[Check, ...] = (
    counts,
    excluded,
    unlabelled,
    pixels_not_seen,
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
    near_within_patient,
    near_across_patients,
    near_unknown_patients,
    near_across_classes,
    near_across_places,
    near_across_parts,
    overlapping_fields,
    known_links,
    linked_patients,
    link_swallows_class,
    declared_doubles,
    patient_contradicts_cells,
    patient_in_two_classes,
    few_in_class,
    technical_shortcut,
    colour_shortcut,
    cell_shortcut,
    clinical_shortcut,
    shortcuts_together,
    shortcuts_not_tried,
    size_tells_class,
    mode_tells_class,
    patient_makes_class,
    class_goes_with_place,
    stain_drift,
    stain_by_place,
    wrong_size,
    wrong_mode,
    odd_file_size,
    beyond_crop,
    boxes_without_area,
    marks_beyond_picture,
    pictures_without_boxes,
    masks_missing,
    stray_values_in_masks,
    several_date_formats,
    written_differently,
    beyond_stated_limits,
    more_patients_than_stated,
    known_contradictions,
    reader_notes,
)
"""Each takes the evidence and returns what it found: a finding, several of one code, or none."""
