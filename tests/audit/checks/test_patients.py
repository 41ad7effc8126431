from __future__ import annotations

from collections.abc import Callable
from typing import Any

from leukoscope.audit.checks.patients import patients_unknown

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
