from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
import pytest

from leukoscope.audit.checks.doubles import declared_doubles, expected_pairs

LayOut = Callable[..., Any]


def people(*rows: tuple[str, str, str, str]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=["patient", "label", "born", "sex"], orient="row")


def test_one_date_of_birth_and_sex(lay_out: LayOut) -> None:
    patients = people(
        ("P118", "all", "1950-03-02", "F"),
        ("P137", "hem", "1950-03-02", "F"),
        ("P1", "hem", "1950-03-02", "M"),
        ("P2", "all", "1951-03-02", "F"),
    )
    (found,) = declared_doubles(lay_out([{"id": "a"}], patients=patients).evidence())
    assert (found.code, found.severity, found.count) == ("declared_doubles", "warning", 1)
    assert found.sentence == (
        "1 pair of patients of one date of birth and sex (P118 and P137); chance lets expect 0.0. A person may have "
        "been sampled twice. Of different classes: P118 and P137."
    )
    assert found.table.row(0) == ("P118", "P137", "F", "1950-03-02", "all", "hem")


def test_nothing_to_compare(lay_out: LayOut) -> None:
    rows = [("P1", "all", "1950-03-02", "F"), ("P2", "all", "1951-03-02", "F")]
    assert declared_doubles(lay_out([{"id": "a"}], patients=people(*rows)).evidence()) == []
    assert declared_doubles(lay_out([{"id": "a", "patient": "1"}]).evidence()) == []


@pytest.mark.parametrize("patients", [60, 200])
def test_as_many_as_chance_makes(patients: int) -> None:
    drawn = np.random.default_rng(0)
    pairs, expected = [], []
    for _ in range(400):
        days = drawn.integers(0, 40 * 365, patients)
        born = [f"{1940 + day // 365}-{day % 365:03d}" for day in days]
        table = pl.DataFrame({"born": born, "sex": drawn.choice(["F", "M"], patients)})
        same = table.group_by("born", "sex").len("n")["n"]
        pairs.append(float((same * (same - 1) / 2).sum()))
        expected.append(expected_pairs(table))
    assert np.mean(expected) == pytest.approx(np.mean(pairs), rel=0.25)
