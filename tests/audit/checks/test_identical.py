from __future__ import annotations

from collections.abc import Callable
from typing import Any

from leukoscope.audit.checks import identical

LayOut = Callable[..., Any]


def test_within_a_patient(lay_out: LayOut) -> None:
    rows = [{"id": f"a{n}", "patient": "H10", "picture": "p"} for n in range(3)]
    (found,) = identical.identical_within_patient(lay_out(rows).evidence())
    assert (found.code, found.severity, found.count) == ("identical_within_patient", "note", 2)
    assert found.sentence == "2 pairs of identical pictures within one patient (H10: 2): these cells count twice."
    assert found.table.select("id_a", "id_b", "unit_a", "unit_b").rows() == [
        ("a0", "a1", "H10", "H10"),
        ("a0", "a2", "H10", "H10"),
    ]
    assert identical.identical_across_patients(lay_out(rows).evidence()) == []


def test_across_patients(lay_out: LayOut) -> None:
    rows = [
        {"id": f"{patient}_{n}", "patient": patient, "picture": f"{n}"} for patient in ("20", "21") for n in range(3)
    ]
    rows += [{"id": "H2_0", "patient": "H2", "picture": "x"}, {"id": "H6_0", "patient": "H6", "pixels": "x"}]
    (found,) = identical.identical_across_patients(lay_out(rows).evidence())
    assert (found.code, found.severity, found.count) == ("identical_across_patients", "error", 4)
    assert found.sentence == (
        "4 pairs of identical pictures under the names of different patients (20 and 21: 3; H2 and H6: 1): trained on "
        "one and tested on the other, a score is too good."
    )
    assert found.as_json()["pairs"][3] == {
        "id_a": "H2_0",
        "id_b": "H6_0",
        "unit_a": "H2",
        "unit_b": "H6",
        "kind": "exact pixels",
        "label_a": "all",
        "label_b": "all",
        "place_a": None,
        "place_b": None,
    }


def test_many_patients_are_cut_short(lay_out: LayOut) -> None:
    rows = [{"id": f"{side}{n}", "patient": f"{side}{n}", "picture": f"{n}"} for n in range(9) for side in "ab"]
    (found,) = identical.identical_across_patients(lay_out(rows).evidence())
    assert (
        "(a0 and b0: 1; a1 and b1: 1; a2 and b2: 1; a3 and b3: 1; a4 and b4: 1; a5 and b5: 1; and 3 more)"
        in found.sentence
    )


def test_where_a_patient_is_not_known(lay_out: LayOut) -> None:
    rows = [{"id": "a", "picture": "p"}, {"id": "b", "picture": "p"}, {"id": "c", "patient": "1", "picture": "p"}]
    evidence = lay_out(rows).evidence()
    (found,) = identical.identical_unknown_patients(evidence)
    assert (found.code, found.severity, found.count) == ("identical_unknown_patients", "warning", 2)
    assert found.sentence == (
        "2 pairs of identical pictures whose patients are not known: it may be one cell under two names."
    )
    assert identical.identical_across_patients(evidence) == identical.identical_within_patient(evidence) == []


def test_across_classes(lay_out: LayOut) -> None:
    rows = [
        {"id": "BNE_191112", "label": "hem", "picture": "p"},
        {"id": "EO_225902", "label": "all", "picture": "p"},
        {"id": "EO_1", "label": None, "picture": "p"},
    ]
    (found,) = identical.identical_across_classes(lay_out(rows).evidence())
    assert (found.code, found.severity, found.count) == ("identical_across_classes", "error", 1)
    assert found.sentence == (
        "1 pair of identical pictures under different classes (all and hem: 1): at most one label of each is right."
    )


def test_across_places(lay_out: LayOut) -> None:
    rows = [
        {"id": "a", "patient": "1", "place": "fold_2", "picture": "p"},
        {"id": "b", "patient": "1", "place": "fold_0", "picture": "p"},
        {"id": "c", "patient": "1", "place": "fold_0", "picture": "q"},
        {"id": "d", "patient": "1", "place": None, "picture": "q"},
    ]
    (found,) = identical.identical_across_places(lay_out(rows).evidence())
    assert (found.code, found.severity, found.count) == ("identical_across_places", "error", 1)
    assert found.sentence == (
        "1 pair of identical pictures in different parts of the data set as published (fold_0 and fold_2: 1)."
    )
    assert found.as_json()["by_places"] == [{"place_a": "fold_0", "place_b": "fold_2", "pairs": 1}]


def test_without_a_split_nothing_is_said_of_parts(lay_out: LayOut) -> None:
    rows = [{"id": "a", "picture": "p"}, {"id": "b", "picture": "p"}]
    assert identical.identical_across_parts(lay_out(rows).evidence()) == []


def test_empty_files_are_not_identical_pictures(lay_out: LayOut) -> None:
    rows = [{"id": name, "patient": name, "picture": "empty", "problem": "The file is empty."} for name in "abc"]
    assert lay_out(rows).evidence().pairs.height == 0
