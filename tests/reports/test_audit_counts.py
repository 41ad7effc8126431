from __future__ import annotations

from typing import Any

from leukoscope.reports.audit_counts import class_table, in_all

DASH = "\N{EN DASH}"


def row(cells: int, *, patients: int = 0, own: int = 0, **others: int) -> dict[str, Any]:
    return {"class": "all", "title": "blast", "cells": cells, "patients": patients, "own": own, **others}


def test_cells_with_classes_are_counted_by_class() -> None:
    told = class_table({"usable": 1300, "patients": 4, "classes": [row(1200, patients=3)]})
    assert told.columns == ("Cells", "Patients")
    assert told.rows == (("blast", "1,200", "3"),)
    assert told.all == ("All usable cells", "1,300", "4")


def test_no_patient_is_known() -> None:
    told = class_table({"usable": 5, "patients": None, "classes": [row(5)]})
    assert told.rows == (("blast", "5", DASH),)
    assert told.all == ("All usable cells", "5", "not known")


def test_where_only_patients_have_classes_they_are_counted() -> None:
    told = class_table({"usable": 5, "patients": 2, "classes": [row(0, own=1)]})
    assert told.rows == (("blast", DASH, "1"),)


def test_fields_without_classes_are_pictures_and_their_boxes_are_counted() -> None:
    counts = {"usable": 183, "patients": None, "classes": [row(0)]}
    told = class_table(counts)
    assert (told.columns, told.rows) == (("Pictures", "Patients"), ())
    assert told.all == ("All usable pictures", "183", "not known")
    told = class_table({**counts, "classes": [row(0, boxes=372), row(0, boxes=4000)]})
    assert told.columns == ("Pictures", "Boxes", "Patients")
    assert told.rows == (("blast", DASH, "372", DASH), ("blast", DASH, "4,000", DASH))
    assert told.all == ("All usable pictures", "183", "4,372", "not known")


def test_what_there_is_none_of_is_not_said() -> None:
    nothing = {"excluded": 0, "unreadable": 0, "unlabelled": 0, "identical_pairs": 0, "near_pairs": 0}
    assert in_all({"cells": 45, **nothing}) == "45 pictures in all."
    assert in_all({"cells": 1, **nothing, "unreadable": 1}) == "1 picture in all; 1 unreadable."
    everything = {"excluded": 3, "unreadable": 2, "unlabelled": 1661, "identical_pairs": 1, "near_pairs": 2}
    assert in_all({"cells": 2000, **everything}) == (
        "2,000 pictures in all; 3 left out, 2 of them unreadable; 1,661 without a class of their own; 1 pair of "
        "identical pictures; 2 pairs of pictures of one cell."
    )
