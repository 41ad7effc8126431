from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl

from leukoscope.audit.checks import near
from leukoscope.audit.evidence import Evidence

LayOut = Callable[..., Any]


def evidence_of(lay_out: LayOut, rows: list[dict[str, Any]], *pairs: tuple[str, str, float]) -> Evidence:
    """Lay out rows whose pictures of these ids show one cell."""
    columns = ["id_a", "id_b", "correlation"]
    twins = pl.DataFrame(list(pairs), schema=columns, orient="row").with_columns(kind=pl.lit("near"), flipped=False)
    found: Evidence = lay_out(rows).evidence(twins=twins)
    return found


ROWS = [
    {"id": "UID_17_18_2_all", "patient": "17", "place": "fold_0"},
    {"id": "UID_20_34_2_all", "patient": "20", "place": "fold_2"},
    {"id": "UID_20_35_1_all", "patient": "20", "place": "fold_2", "label": "hem"},
    {"id": "nobody", "place": "fold_2"},
]


def test_one_cell_under_two_patients(lay_out: LayOut) -> None:
    evidence = evidence_of(lay_out, ROWS, ("UID_20_34_2_all", "UID_17_18_2_all", 0.9876))
    (found,) = near.near_across_patients(evidence)
    assert (found.code, found.severity, found.count) == ("near_across_patients", "error", 1)
    assert found.sentence == (
        "1 pair of pictures of one cell, under the names of different patients (17 and 20: 1; correlation 0.987): no "
        "byte tells, but trained on one and tested on the other, a score is too good."
    )
    assert found.pictures == (("UID_17_18_2_all", "UID_20_34_2_all"),)
    row = found.table.row(0, named=True)
    assert (row["unit_a"], row["unit_b"], row["kind"], row["correlation"], row["flipped"]) == (
        "17",
        "20",
        "near",
        0.9876,
        False,
    )
    (places,) = near.near_across_places(evidence)
    assert places.sentence == (
        "1 pair of pictures of one cell, in different parts of the data set as published (fold_0 and fold_2: 1)."
    )
    assert near.near_within_patient(evidence) == near.near_unknown_patients(evidence) == []


def test_one_cell_twice_under_one_patient_and_under_two_classes(lay_out: LayOut) -> None:
    evidence = evidence_of(lay_out, ROWS, ("UID_20_34_2_all", "UID_20_35_1_all", 1.0))
    (within,) = near.near_within_patient(evidence)
    assert (within.severity, within.count) == ("note", 1)
    assert "(20: 1; correlation 1.000)" in within.sentence
    (classes,) = near.near_across_classes(evidence)
    assert classes.severity == "error"
    assert "(all and hem: 1; correlation 1.000)" in classes.sentence


def test_where_a_patient_is_not_known(lay_out: LayOut) -> None:
    evidence = evidence_of(lay_out, ROWS, ("nobody", "UID_20_35_1_all", 0.991), ("nobody", "UID_17_18_2_all", 0.95))
    (found,) = near.near_unknown_patients(evidence)
    assert (found.severity, found.count) == ("warning", 2)
    assert "correlation 0.950 to 0.991" in found.sentence
    assert near.near_across_patients(evidence) == []


def test_nobody_looked_for_twins(lay_out: LayOut) -> None:
    evidence = lay_out(ROWS).evidence()
    assert near.near_across_patients(evidence) == near.near_across_parts(evidence) == []


def test_fields_that_overlap_link_nobody(lay_out: LayOut) -> None:
    pair = {"id_a": ["UID_20_34_2_all"], "id_b": ["UID_20_35_1_all"], "kind": ["near"], "correlation": [0.9]}
    evidence = lay_out(ROWS).evidence(overlapping=pl.DataFrame(pair))
    (found,) = near.overlapping_fields(evidence)
    assert (found.severity, found.count, found.do) == ("note", 1, None)
    assert found.sentence == (
        "1 pair of pictures that overlap: two cells of one field, one seen in part beside the other, all of one "
        "patient."
    )
    other = lay_out(ROWS).evidence(overlapping=pl.DataFrame({**pair, "id_b": ["nobody"]}))
    (found,) = near.overlapping_fields(other)
    assert found.severity == "warning"
    assert other.groups.joined == {}
    assert near.near_unknown_patients(other) == []
