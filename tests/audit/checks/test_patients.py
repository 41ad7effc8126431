from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl

from leukoscope.audit.checks.patients import patient_contradicts_cells, patients_unknown
from leukoscope.cohort.classes import Classes

LayOut = Callable[..., Any]
RISK = "cells of one person may be trained on and tested on, so that a score can be too good."


def test_no_patients(lay_out: LayOut) -> None:
    (found,) = patients_unknown(lay_out([{"id": "a"}, {"id": "b"}]).evidence())
    assert (found.severity, found.count) == ("warning", 2)
    assert found.sentence == f"No cell names its patient: {RISK}"


def test_some_patients(lay_out: LayOut) -> None:
    (found,) = patients_unknown(lay_out([{"id": "a"}, {"id": "b", "patient": "1"}]).evidence())
    assert found.sentence == f"1 cell without patient: {RISK}"


def test_cells_that_are_not_scored_need_no_patient(lay_out: LayOut) -> None:
    rows = [{"id": "a", "patient": "1"}, {"id": "b", "label": None}, {"id": "c", "excluded": "junk"}]
    assert patients_unknown(lay_out(rows).evidence()) == []


def test_a_patient_whose_label_contradicts_their_cells(lay_out: LayOut) -> None:
    patients = pl.DataFrame({"patient": ["well", "ill", "odd", "none"], "label": ["hem", "all", "hem", "all"]})
    rows = [
        {"id": f"{patient}{n}", "patient": patient, "label": label}
        for patient, labels in {"well": ["hem"], "ill": ["hem", "all"], "odd": ["hem", "all"], "none": ["hem"]}.items()
        for n, label in enumerate(labels)
    ]
    (found,) = patient_contradicts_cells(lay_out(rows, patients=patients).evidence())
    assert (found.code, found.severity, found.count) == ("patient_contradicts_cells", "warning", 2)
    assert found.sentence == (
        "2 patients whose own label contradicts their cells' (none is leukaemic blast with 1 cell of another class; "
        "odd is normal cell with 1 cell of another class)."
    )
    assert found.table["patient"].to_list() == ["none", "odd"]


def test_of_many_classes_one_cell_of_the_patients_own_is_enough(lay_out: LayOut) -> None:
    patients = pl.DataFrame({"patient": ["p", "q"], "label": ["a", "c"]})
    rows = [{"id": f"p{label}", "patient": "p", "label": label} for label in "ab"]
    rows += [{"id": "q", "patient": "q", "label": "b"}]
    bench = lay_out(rows, classes=Classes(("a", "b", "c")), patients=patients)
    (found,) = patient_contradicts_cells(bench.evidence())
    assert found.table["patient"].to_list() == ["q"]
