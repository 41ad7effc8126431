from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from leukoscope.reports.figures.confusion_matrix import confusion_matrix, text_colour

CHANNEL = st.floats(0, 1)


def words(part: dict[str, Any]) -> list[str]:
    return [text.get_text() for text in confusion_matrix(part).axes[0].texts]


def test_counts_and_shares_of_their_row(binary: dict[str, Any]) -> None:
    binary["confusion"] = [[1500, 500], [30, 970]]
    assert words(binary) == ["75 %", "1,500", "25 %", "500", "3 %", "30", "97 %", "970"]


def test_empty_fields_and_empty_rows(binary: dict[str, Any]) -> None:
    binary["confusion"] = [[0, 0], [0, 7]]
    assert words(binary) == ["\N{EN DASH}", "\N{EN DASH}", "0", "100 %", "7"]


def test_many_classes_have_their_titles_on_both_sides(many: dict[str, Any]) -> None:
    axes = confusion_matrix(many, leaking=True).axes[0]
    assert [label.get_text() for label in axes.get_xticklabels()] == many["titles"]
    assert [label.get_text() for label in axes.get_yticklabels()] == many["titles"]
    assert (axes.get_ylabel(), axes.get_xlabel()) == ("true class", "called")
    assert len(axes.patches) == 64


@given(CHANNEL, CHANNEL, CHANNEL)
def test_text_has_contrast_on_every_colour(red: float, green: float, blue: float) -> None:
    light = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in (red, green, blue)]
    luminance = 0.2126 * light[0] + 0.7152 * light[1] + 0.0722 * light[2]
    text = 1.0 if text_colour((red, green, blue, 1.0)) == "#ffffff" else 0.007
    contrast = (max(text, luminance) + 0.05) / (min(text, luminance) + 0.05)
    assert contrast > 4.2
