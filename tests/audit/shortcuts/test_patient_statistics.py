from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import polars as pl
import pytest

from leukoscope.audit.shortcuts.patients import patient_statistics, patient_table

LayOut = Callable[..., Any]
PATIENTS = pl.DataFrame(
    {
        "patient": ["c", "a", "b"],
        "label": ["all", None, "hem"],
        "age": [3.0, 40.0, None],
        "born": [dt.date(2018, 1, 1), dt.date(1980, 1, 1), None],
        "born_format": ["x", "y", "x"],
        "sex_as_written": ["f", "F", "F"],
        "row": [4, 2, 3],
    }
)


def rows(label: str | None) -> list[dict[str, Any]]:
    return [{"id": f"{who}{n}", "patient": who, "label": label} for who in "abc" for n in range(2 if who == "a" else 1)]


def test_facts_of_patients_with_a_class(lay_out: LayOut) -> None:
    evidence = lay_out(rows("all"), patients=PATIENTS).evidence()
    table = patient_table(evidence.usable, evidence.cohort)
    # a has no class of its own, but all of its cells have one.
    assert table.select("id", "label", "pictures", "age").rows() == [
        ("a", "all", 2.0, 40.0),
        ("b", "hem", 1.0, None),
        ("c", "all", 1.0, 3.0),
    ]
    statistics = {one.name: one for one in patient_statistics(evidence.cohort)}
    assert list(statistics) == ["number of pictures", "row order", "age", "born format"]
    assert (statistics["age"].kind, statistics["born format"].kind) == ("clinical", "technical")
    assert statistics["born format"].phrase == "how 'born' is written"
    # Rows 2, 3 and 4 of a table that is not sorted by name.
    assert table["row_order"].to_list() == pytest.approx([1 / 6, 3 / 6, 5 / 6])


def test_a_table_sorted_by_name_has_no_order_of_its_own(lay_out: LayOut) -> None:
    for order in ("patient", "row"):  # the pictures meet a, b, c in turn
        evidence = lay_out(rows("all"), patients=PATIENTS.sort(order)).evidence()
        assert patient_table(evidence.usable, evidence.cohort)["row_order"].to_list() == [None] * 3


def test_where_cells_have_no_class_their_means_count(lay_out: LayOut) -> None:
    cells = [{**row, "brightness": 90.0 + number} for number, row in enumerate(rows(None))]
    evidence = lay_out(cells, patients=PATIENTS).evidence()
    table = patient_table(evidence.usable, evidence.cohort)
    assert table.select("id", "mean of brightness").rows() == [("b", 92.0), ("c", 93.0)]
    assert "brightness" in [one.name for one in patient_statistics(evidence.cohort)]
    assert set(table["mean of form"]) == {"PNG RGB"}
