from __future__ import annotations

from leukoscope.reports.audit_rows import findings


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
    assert (table["title"], table["columns"], table["more"]) == ("Pairs", ["Id a", "Id b", "Share"], 5)
    assert table["rows"][0] == ["a0", "b0", "0.500"]
    assert len(table["rows"]) == 20
    assert note["do"] == ""
    assert note["tables"][0]["rows"] == [["x"], ["y"]]


def test_no_findings() -> None:
    assert findings({"findings": []}) == findings({}) == []
