from __future__ import annotations

from typing import Any

from leukoscope.reports.audit_tables import shown_tables, tables_of

CLASSES = [{"class": "all", "title": "leukaemic blast (ALL)"}, {"class": "hem", "title": "normal cell (HEM)"}]
KNOWN: dict[str, Any] = {"patients": 2, "classes": CLASSES}
UNKNOWN: dict[str, Any] = {"patients": None, "classes": CLASSES}


def test_pictures_that_a_finding_shows_are_no_table() -> None:
    assert tables_of({"code": "c", "pictures": [["a", "b"]], "pairs": [{"id": "a"}], "none": []}) == {
        "pairs": [{"id": "a"}]
    }
    assert tables_of({"pictures": [{"id": "a"}]}) == {"pictures": [{"id": "a"}]}


def test_classes_have_their_titles_and_other_words_are_kept() -> None:
    row = {"label_a": "all", "label_b": "odd", "best": "hem", "kind": "all", "label": None, "without": "all"}
    assert shown_tables({"rows": [row]}, KNOWN) == {
        "rows": [
            {
                "label_a": "leukaemic blast (ALL)",
                "label_b": "odd",
                "best": "normal cell (HEM)",
                "kind": "all",
                "label": None,
                "without": "leukaemic blast (ALL)",
            }
        ]
    }


def test_nobody_is_not_counted_where_no_patient_is_known() -> None:
    found = {"places": [{"place": "train", "patients": 0}, {"place": "test", "patients": 3}]}
    assert [row["patients"] for row in shown_tables(found, UNKNOWN)["places"]] == ["not known", 3]
    assert [row["patients"] for row in shown_tables(found, KNOWN)["places"]] == [0, 3]
    assert [row["patients"] for row in shown_tables(found, {})["places"]] == [0, 3]


def test_what_stands_on_the_page_already_is_left_out() -> None:
    counts = {"code": "counts", "classes": [{"label": "all", "cells": 1}], "places": [{"place": "x", "cells": 1}]}
    assert list(shown_tables(counts, KNOWN)) == ["places"]
    assert (
        shown_tables({"code": "reader_notes", "sentence": "The reader noted: A.", "notes": [{"note": "A."}]}, {}) == {}
    )
    assert shown_tables({"code": "few", "classes": [{"label": "x"}]}, KNOWN) == {"classes": [{"label": "x"}]}


def test_a_tally_of_what_nobody_knows_is_left_out() -> None:
    unknown = {"label_a": None, "label_b": None, "pairs": 1}
    pairs = {"code": "near", "pairs": [{"id_a": "a"}], "by_classes": [unknown]}
    assert list(shown_tables(pairs, KNOWN)) == ["pairs"]
    pairs["by_classes"] = [{**unknown, "label_a": "all"}]
    assert list(shown_tables(pairs, KNOWN)) == ["pairs", "by_classes"]


def test_rows_may_be_ids_alone() -> None:
    assert shown_tables({"cells": ["x", "y"]}, UNKNOWN) == {"cells": ["x", "y"]}
