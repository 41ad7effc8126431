from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl

from leukoscope.audit.shortcuts import survey

LayOut = Callable[..., Any]


def cells(label: Callable[[int], str | None]) -> list[dict[str, Any]]:
    """Return two to five cells of each of sixteen patients; those of odd number are brighter."""
    return [
        {"id": f"p{n:02d}_{cell}", "patient": f"p{n:02d}", "label": label(n), "brightness": 90.0 + 20 * (n % 2) + cell}
        for n in range(16)
        for cell in range(2 + n // 4)
    ]


def even(number: int) -> str:
    return "all" if number % 2 else "hem"


def test_cells_and_patients_are_both_tried(lay_out: LayOut) -> None:
    evidence = lay_out(cells(even)).evidence()
    found = survey(evidence.usable, evidence.cohort)
    assert found.told[0].statistic == "brightness"
    assert found.told[0].auc == 1
    units = {one.statistic: one.unit for one in found.told}
    assert units["brightness"] == "cell"
    assert units["number of pictures"] == "patient"
    assert "pictures of the patient" not in units
    assert found.together is not None
    assert (found.together.kind, found.together.unit) == ("all", "cell")
    assert found.drawn is None


def test_only_patients_where_only_they_have_a_class(lay_out: LayOut) -> None:
    patients = pl.DataFrame({"patient": [f"p{n:02d}" for n in range(16)], "label": [even(n) for n in range(16)]})
    evidence = lay_out(cells(lambda _: None), patients=patients).evidence()
    found = survey(evidence.usable, evidence.cohort)
    assert {one.unit for one in found.told} == {"patient"}
    assert found.told[0].phrase == "the brightness of a patient's pictures"


def test_nothing_to_try(lay_out: LayOut) -> None:
    evidence = lay_out([{"id": "a"}, {"id": "b", "label": "hem"}]).evidence()
    found = survey(evidence.usable, evidence.cohort)
    assert (found.told, found.together, found.drawn) == ((), None, None)


def test_of_many_cells_some_are_drawn(lay_out: LayOut) -> None:
    evidence = lay_out(cells(even)).evidence()
    found = survey(evidence.usable, evidence.cohort, most=40)
    assert found.drawn == (40, 56)
    assert found.together is not None
    assert found.together.rows == 40
