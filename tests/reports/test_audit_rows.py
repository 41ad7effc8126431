from __future__ import annotations

from leukoscope.reports.audit_rows import findings, seldom_wanted, short_table


def test_the_worst_comes_first_and_tables_are_cut() -> None:
    rows = [{"id_a": f"a{n}", "id_b": f"b{n}", "place": None, "share": 0.5} for n in range(25)]
    audit = {
        "findings": [
            {"code": "n", "severity": "note", "sentence": "A note.", "do": None, "count": 1, "ids": ["x", "y"]},
            {"code": "e", "severity": "error", "sentence": "An error.", "do": "Mend it.", "pairs": rows, "none": []},
        ]
    }
    error, note = findings(audit)
    assert (error["severity"], error["sentence"], error["do"]) == ("error", "An error.", "Mend it.")
    (table,) = error["tables"]
    assert (table["title"], table["columns"], table["more"]) == ("Pairs", ["Picture a", "Picture b", "Share"], 5)
    assert table["rows"][0] == ["a0", "b0", "0.500"]
    assert len(table["rows"]) == 20
    assert note["do"] == ""
    assert note["tables"][0]["rows"] == [["x"], ["y"]]


def test_a_short_table_says_what_is_a_number_and_leaves_columns_out() -> None:
    rows = [{"id": "a", "path": "a.png", "cells": 1200, "ok": True, "share": None}, {"id": "b", "share": 0.25}]
    short = short_table("by_class", rows, most=1, left_out={"path"})
    assert short == {
        "title": "By class",
        "columns": ["Picture", "Cells", "Ok", "Share"],
        "numeric": [False, True, False, True],
        "rows": [["a", "1,200", "yes", "\N{EN DASH}"]],
        "total": 2,
        "more": 1,
    }


def test_the_places_of_pairs_are_left_to_the_csv_and_those_of_a_tally_are_not() -> None:
    assert seldom_wanted([{"id_a": "a", "place_a": "x"}]) - seldom_wanted([{"place_a": "x"}]) == {"place_a", "place_b"}
    assert "path" in seldom_wanted(["an id alone"])


def test_pixels_are_whole_and_correlations_are_not() -> None:
    rows = [{"left": 504.0, "correlation": 1.0, "values": []}, {"left": 12.0, "correlation": 0.0, "values": [3, 4]}]
    assert short_table("boxes", rows)["rows"] == [["504", "1.000", "\N{EN DASH}"], ["12", "0.000", "3, 4"]]


def test_a_correlation_is_cut_and_never_rounded_up_to_equal() -> None:
    rows = [{"correlation": 0.99961, "auc": 0.99961}]
    assert short_table("pairs", rows)["rows"] == [["0.999", "1.000"]]


def test_a_cell_does_not_stand_in_for_a_patient() -> None:
    rows = [{"unit_a": "P1", "unit_b": "cell:b"}, {"unit_a": "cell:c", "unit_b": "cell:d"}]
    short = short_table("pairs", rows)
    assert (short["columns"], short["rows"]) == (["Patient a"], [["P1"], ["\N{EN DASH}"]])


def test_the_classes_of_findings_have_their_titles() -> None:
    counts = {"patients": None, "classes": [{"class": "all", "title": "leukaemic blast (ALL)"}]}
    few = {"code": "few", "severity": "note", "sentence": "Few.", "classes": [{"label": "all", "patients": 0}]}
    (table,) = findings({"counts": counts, "findings": [few]})[0]["tables"]
    assert table["rows"] == [["leukaemic blast (ALL)", "not known"]]


def test_no_findings() -> None:
    assert findings({"findings": []}) == findings({}) == []
