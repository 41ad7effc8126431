from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from leukoscope.audit.checks import confounding

LayOut = Callable[..., Any]


def test_a_class_that_is_mostly_one_patient(lay_out: LayOut) -> None:
    rows = [{"id": f"b{n}", "patient": "P1" if n < 12 else f"P{n}", "label": "all"} for n in range(16)]
    rows += [{"id": f"h{n}", "patient": f"H{n % 4}", "label": "hem"} for n in range(16)]
    (found,) = confounding.patient_makes_class(lay_out(rows).evidence())
    assert (found.code, found.severity, found.count) == ("patient_makes_class", "warning", 1)
    assert found.sentence == (
        "Most of a class comes from one patient (leukaemic blast: 75% from P1): a network can learn the patient "
        "instead of the class."
    )
    assert found.table.rows() == [("all", "P1", 12, 0.75)]


def patients(number: int, column: str, value: Callable[[int, str], str]) -> list[dict[str, Any]]:
    return [
        {"id": f"{label}{n}_{cell}", "patient": f"{label}{n}", "label": label, column: value(n, label)}
        for label in ("all", "hem")
        for n in range(number)
        for cell in range(3)
    ]


@pytest.mark.parametrize("column", ["source", "place", "site", "scanner_id"])
def test_a_class_that_goes_with_a_site(lay_out: LayOut, column: str) -> None:
    rows = patients(20, column, lambda n, label: "north" if (label == "all") == (n > 1) else "south")
    (found,) = confounding.class_goes_with_place(lay_out(rows).evidence())
    assert (found.code, found.severity, found.count) == ("class_goes_with_place", "warning", 2)
    shares = "north: 90% leukaemic blast; south: 90% normal cell; Cramer's V 0.79 over patients"
    assert found.sentence.startswith(f"The class goes with the {column.replace('_', ' ')} ({shares}): a network")


def test_sites_that_say_nothing_or_little_of_the_class(lay_out: LayOut) -> None:
    alike = patients(20, "site", lambda n, _: "north" if n % 2 else "south")
    assert confounding.class_goes_with_place(lay_out(alike).evidence()) == []
    # Two patients and two sites: hundreds of cells prove nothing.
    few = [{"id": f"{s}{n}", "patient": s, "label": s, "site": s} for s in ("all", "hem") for n in range(200)]
    assert confounding.class_goes_with_place(lay_out(few).evidence()) == []
    # What a table declares of another kind is no site.
    kinds = patients(20, "kind", lambda _, label: label)
    assert confounding.class_goes_with_place(lay_out(kinds).evidence()) == []


def test_cramers_v_is_not_flattered_by_chance() -> None:
    drawn = np.random.default_rng(0)
    found = [confounding.cramers_v(drawn.multinomial(60, [1 / 6] * 6).reshape(2, 3) + 1) for _ in range(200)]
    assert np.mean(found) < 0.1
