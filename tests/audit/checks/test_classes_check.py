from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl

from leukoscope.audit.checks import classes
from leukoscope.cohort.classes import Classes

LayOut = Callable[..., Any]
THREE = Classes(("a", "b", "c"))


def mixed(number: int, of: int) -> list[dict[str, Any]]:
    """Return patients, of whom the first few have cells of both classes."""
    rows = [{"id": f"{n}_1", "patient": f"p{n:02d}", "label": "all"} for n in range(of)]
    return rows + [{"id": f"{n}_2", "patient": f"p{n:02d}", "label": "hem"} for n in range(number)]


def test_a_single_patient_in_two_classes_is_a_warning(lay_out: LayOut) -> None:
    (found,) = classes.patient_in_two_classes(lay_out(mixed(1, 10)).evidence())
    assert (found.code, found.severity, found.count) == ("patient_in_two_classes", "warning", 1)
    assert found.sentence == (
        "1 patient of 10 with cells of both classes (p00). If the label is the patient's disease, one of the two is "
        "wrong; if it is the cell's own, this is to be expected."
    )
    assert found.do == "Look at these patients' labels."
    assert found.table.row(0, named=True) == {"patient": "p00", "cells_hem": 1, "cells_all": 1}


def test_many_mixed_patients_are_a_note(lay_out: LayOut) -> None:
    (found,) = classes.patient_in_two_classes(lay_out(mixed(8, 10)).evidence())
    assert (found.severity, found.do) == ("note", None)
    assert "(p00, p01, p02, p03, p04, ...)" in found.sentence


def test_kinds_of_cells_are_mixed_by_nature(lay_out: LayOut) -> None:
    rows = [{"id": f"x{n}", "patient": "1", "label": "abc"[n % 3]} for n in range(9)]
    assert classes.patient_in_two_classes(lay_out(rows, classes=THREE).evidence()) == []


def test_classes_with_few_cells_or_patients(lay_out: LayOut) -> None:
    rows = [{"id": f"a{n}", "patient": f"p{n}", "label": "a"} for n in range(20)]
    rows += [{"id": f"b{n}", "patient": f"p{n % 2}", "label": "b"} for n in range(20)]
    (found,) = classes.few_in_class(
        lay_out([*rows, {"id": "c", "patient": "p1", "label": "c"}], classes=THREE).evidence()
    )
    assert (found.code, found.severity, found.count) == ("few_in_class", "warning", 2)
    assert found.sentence == (
        "2 classes with fewer than 10 cells or 3 patients: b (20 cells of 2 patients), c (1 cell of 1 patient). "
        "That is too few to learn and to measure."
    )


def test_where_no_patients_are_known_cells_decide(lay_out: LayOut) -> None:
    rows = [{"id": f"a{n}", "label": "a"} for n in range(20)] + [{"id": f"b{n}", "label": "b"} for n in range(9)]
    (found,) = classes.few_in_class(lay_out(rows, classes=THREE).evidence())
    assert found.sentence == (
        "2 classes with fewer than 10 cells: b (9 cells), c (0 cells). That is too few to learn and to measure."
    )


def test_where_only_patients_have_labels_nothing_is_said(lay_out: LayOut) -> None:
    assert classes.few_in_class(lay_out([{"id": "a", "label": None, "patient": "1"}]).evidence()) == []


def test_a_long_list_is_cut_short(lay_out: LayOut) -> None:
    names = tuple(f"k{n:02d}" for n in range(15))
    rows = [{"id": name, "label": name} for name in names]
    (found,) = classes.few_in_class(lay_out(rows, classes=Classes(names)).evidence())
    assert found.sentence.endswith("k09 (1 cell) and 5 more. That is too few to learn and to measure.")


def test_where_only_patients_have_labels_few_of_them_are_told(lay_out: LayOut) -> None:
    patients = pl.DataFrame({"patient": list("abcdef"), "label": ["all"] * 4 + ["hem"] * 2})
    rows = [{"id": name, "patient": name, "label": None} for name in "abcdef"]
    (found,) = classes.few_in_class(lay_out(rows, patients=patients).evidence())
    assert found.sentence == (
        "1 class with fewer than 3 patients: normal cell (2 patients). That is too few to learn and to measure."
    )
    assert classes.few_in_class(lay_out(rows, patients=patients.with_columns(label=pl.lit("all"))).evidence()) != []
    assert classes.few_in_class(lay_out(rows).evidence()) == []
