from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leukoscope.reports.published_figure import PublishedFigure, published_figure

SHARES = st.floats(0, 1)


@pytest.mark.parametrize(
    ("said", "figure", "words"),
    [
        (0.814, PublishedFigure(0.814), "0.8140"),
        (1, PublishedFigure(1.0), "1.0000"),
        ([0.814], PublishedFigure(0.814), "0.8140"),
        ([0.8789, 0.009], PublishedFigure(0.8789, 0.009), "0.8789 ± 0.0090"),
        (
            {"min": 0.8628, "mean": 0.8789, "deviation": 0.009, "max": 0.8981},
            PublishedFigure(0.8789, 0.009, 0.8628, 0.8981),
            "0.8789 ± 0.0090 (0.8628 to 0.8981)",
        ),
        ({"mean": 0.8, "min": 0.7}, PublishedFigure(0.8, min=0.7), "0.8000"),
    ],
)
def test_every_form_of_a_recipe_is_understood(said: Any, figure: PublishedFigure, words: str) -> None:
    assert published_figure(said) == figure
    assert figure.words == words


@pytest.mark.parametrize(
    "said", [None, "about 0.8", [], True, [0.8, 0.1, 0.7], [0.8, "0.1"], {}, {"min": 0.7}, {"mean": 0.8, "sd": 0.1}]
)
def test_what_is_no_figure_is_not_compared_with(said: Any) -> None:
    assert published_figure(said) is None


@given(SHARES, SHARES)
def test_the_forms_agree(mean: float, deviation: float) -> None:
    assert published_figure([mean, deviation]) == published_figure({"deviation": deviation, "mean": mean})
    assert published_figure(mean) == published_figure([mean]) == published_figure({"mean": mean})
