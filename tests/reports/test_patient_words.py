from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leukoscope.reports.patient_words import evidence_words, interval_words, signed, sum_words, told_apart


@given(st.floats(-50, 50))
def test_a_contribution_keeps_its_sign_and_its_size(value: float) -> None:
    said = evidence_words(value)
    number = float(said.replace("\N{MINUS SIGN}", "-"))
    assert number == pytest.approx(value, rel=0.06, abs=1e-6)
    assert number * value >= 0


def test_minus_zero_has_no_sign() -> None:
    assert (signed(-0.0), signed(-0.0001), evidence_words(-0.0)) == ("0.000", "0.000", "0")


def test_what_does_not_sum_is_not_said_to() -> None:
    row = {"cells": 2, "evidence": -0.5, "sums": True}
    assert sum_words(row) == "The contributions of 2 cells add up to \N{MINUS SIGN}0.500: what the pictures alone say."
    assert "do not add up" in sum_words(row | {"sums": False})


def test_a_range_that_is_not_known_is_not_invented() -> None:
    assert interval_words({"low": None, "high": None}) == "no range: it cannot be told here"
    assert interval_words({"low": 0.101, "high": 0.9}) == "range 10 to 90\N{NO-BREAK SPACE}%"


@pytest.mark.parametrize(
    ("value", "limit", "said"),
    [
        (0.7, 0.5, ("70", "50")),
        (0.506, 0.508, ("50.6", "50.8")),
        (0.50601, 0.50604, ("50.601", "50.604")),
        (0.5, 0.5, ("50", "50")),
    ],
)
def test_a_probability_is_told_apart_from_the_threshold(value: float, limit: float, said: tuple[str, str]) -> None:
    assert told_apart(value, limit) == tuple(f"{number}\N{NO-BREAK SPACE}%" for number in said)
