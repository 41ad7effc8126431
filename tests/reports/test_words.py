from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from leukoscope.reports.words import (
    decimal,
    interval_words,
    kind_of,
    memory,
    metric_title,
    no_interval_words,
    of_hundred,
    percent_level,
    score_words,
    units_words,
)


@example(0.005)
@example(0.995)
@given(st.floats(0, 1))
def test_of_hundred_says_none_and_all_only_of_none_and_all(share: float) -> None:
    said = of_hundred(share)
    assert (said == "0") == (share == 0)
    assert (said == "100") == (share == 1)
    assert abs(float(said) - 100 * share) <= 0.5


@given(st.floats(-1e6, 1e6), st.integers(0, 6))
def test_decimal_is_near_and_never_minus_zero(value: float, digits: int) -> None:
    said = decimal(value, digits)
    assert abs(float(said) - value) <= 0.5 * 10**-digits + 1e-9
    assert not (said.startswith("-") and float(said) == 0)


@pytest.mark.parametrize(
    ("title", "said"),
    [
        ("normal cell (HEM)", "normal cells (HEM)"),
        ("erythroblasts", "erythroblasts"),
        ("Basophil", "Basophils"),
        ("reactive", "cells of the class “reactive”"),
        ("ig", "cells of the class “ig”"),
    ],
)
def test_kinds_have_a_plural_or_quotation_marks(title: str, said: str) -> None:
    assert kind_of(title) == said


def test_scores_without_value_or_interval() -> None:
    alone = {"value": 0.5, "low": None, "high": None, "reason": "it rests on a single patient"}
    assert score_words(None) == score_words({"value": None, "reason": "why"}) == "n/a"
    assert score_words(alone) == "0.500"
    assert interval_words(alone) == ""
    assert no_interval_words(alone) == "no interval: it rests on a single patient"
    assert no_interval_words({"value": 0.5, "low": 0.4, "high": 0.6, "reason": None}) == ""


def test_units_of_the_intervals() -> None:
    assert units_words({}) == units_words({"unit": "cell", "clusters": 3, "replicates": 0}) == ""
    assert units_words({"unit": "patient", "clusters": 1, "replicates": 200}) == "1 patient, resampled 200 times"
    assert units_words({"unit": "cell", "clusters": 1209, "replicates": 2000}) == "1,209 cells, resampled 2,000 times"


def test_sizes_and_names() -> None:
    assert memory(1024) == "1.0 GiB"
    assert percent_level(0.9) == "90\N{NO-BREAK SPACE}%"
    assert metric_title("weighted_f1") == "Weighted F1"
