"""What each finding of an audit is called on a page; programs know it by its code."""

from __future__ import annotations

from leukoscope.reports.audit_rows import in_words

TITLES = {
    "counts": "What is there",
    "excluded": "Cells that are left out",
    "unlabelled": "Cells without a class of their own",
    "pixels_not_seen": "Pictures known by their hashes alone",
    "patients_unknown": "Nobody knows whose cells these are",
    "unreadable": "Files that cannot be read as pictures",
    "misnamed": "Files of another format than their ending says",
    "decoder_remarks": "Pictures that had to be converted",
    "identical_within_patient": "Identical pictures of one patient",
    "identical_across_patients": "Identical pictures under the names of different patients",
    "identical_unknown_patients": "Identical pictures of unknown patients",
    "identical_across_classes": "Identical pictures under different classes",
    "identical_across_places": "Identical pictures in different published parts",
    "identical_across_parts": "Identical pictures on two sides of the split",
    "near_within_patient": "Pictures of one cell, of one patient",
    "near_across_patients": "Pictures of one cell, under the names of different patients",
    "near_unknown_patients": "Pictures of one cell, of unknown patients",
    "near_across_classes": "Pictures of one cell, under different classes",
    "near_across_places": "Pictures of one cell, in different published parts",
    "near_across_parts": "Pictures of one cell, on two sides of the split",
    "overlapping_fields": "Pictures that overlap: two cells of one field",
    "known_links": "Patients who are known to belong together",
    "linked_patients": "Who stays on one side together",
    "link_swallows_class": "A chain of links holds most of a class together",
    "declared_doubles": "Patients of one date of birth and sex",
    "patient_contradicts_cells": "Patients whose class contradicts their cells'",
    "patient_in_two_classes": "Patients with cells of both classes",
    "few_in_class": "Classes with too little in them",
    "technical_shortcut": "The files' making tells the class",
    "colour_shortcut": "Brightness or colour tells the class",
    "cell_shortcut": "A single number of the picture tells the class",
    "clinical_shortcut": "What the table says of the patient tells the class",
    "shortcuts_together": "What a few numbers tell without looking at the cell",
    "shortcuts_not_tried": "Shortcuts were not looked for",
    "size_tells_class": "The picture's size goes with the class",
    "mode_tells_class": "The picture's mode goes with the class",
    "patient_makes_class": "One patient makes up most of a class",
    "class_goes_with_place": "The class goes with where the cells come from",
    "stain_drift": "Patients whose pictures have another colour",
    "stain_by_place": "Whole parts whose pictures have another colour",
    "wrong_size": "Pictures of another size than most",
    "wrong_mode": "Pictures of another mode than most",
    "odd_file_size": "Files of another size than most",
    "beyond_crop": "Cells that the centre crop cuts off",
    "boxes_without_area": "Boxes in which nothing lies",
    "marks_beyond_picture": "Marks beyond the edge of the picture",
    "pictures_without_boxes": "Pictures without a box of some class",
    "masks_missing": "Pictures without a mask",
    "stray_values_in_masks": "Grey values in masks that mean nothing",
    "several_date_formats": "Dates written in several ways",
    "written_differently": "One meaning in two spellings",
    "beyond_stated_limits": "Values beyond the published limits",
    "more_patients_than_stated": "More patients than the publications state",
    "known_contradictions": "What is known to contradict itself in the published set",
    "reader_notes": "What the reader took for granted",
}
"""Code of a finding to its title; short enough for the links at the head of a page."""


def finding_title(code: str) -> str:
    """Return the title of a finding; that of an unknown code is the code in words.

    Args:
        code: As ``audit.json`` has it.

    Example:
        >>> finding_title("beyond_crop"), finding_title("of_tomorrow")
        ('Cells that the centre crop cuts off', 'Of tomorrow')
    """
    return TITLES.get(code, in_words(code))
