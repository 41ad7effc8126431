from __future__ import annotations

from typing import Any

from matplotlib.colors import to_hex

from leukoscope.reports.figures.patient_accuracy import SEVERAL, accuracy_chunks, patient_accuracy
from leukoscope.reports.figures.patient_bars import MOST_ROWS
from leukoscope.reports.figures.style import LEAK_WORDS, class_colour

TITLES = ("normal cell", "leukaemic blast", None)


def row(patient: str, right: int, title: str | None) -> dict[str, Any]:
    label = {"normal cell": "hem", "leukaemic blast": "all", None: None}[title]
    negative = None if label is None else label == "hem"
    return {
        "patient": patient, "label": label, "title": title, "negative": negative, "cells": 10, "right": right,
        "share_right": right / 10, "low": 0.1, "high": 0.9, "called": "all",
    }  # fmt: skip


ROWS = [row("H1", 2, "normal cell"), row("57", 9, "leukaemic blast"), row("m", 9, None)]


def test_one_bar_a_patient_in_the_order_given() -> None:
    axes = patient_accuracy(ROWS, TITLES, "Cell accuracy").axes[0]
    assert [bar.get_width() for bar in axes.patches] == [0.2, 0.9, 0.9]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["H1 ○", "57", "m"]
    assert [text.get_text() for text in axes.texts] == ["2 of 10  ✗", "9 of 10", "9 of 10"]
    assert [to_hex(bar.get_facecolor()) for bar in axes.patches] == [class_colour(place) for place in range(3)]
    assert len({bar.get_hatch() for bar in axes.patches}) == 3
    assert list(axes.lines[0].get_xdata()) == [0.1, 0.9]


def test_the_legend_says_which_class_is_the_negative_one() -> None:
    figure = patient_accuracy(ROWS, TITLES, "", leaking=True)
    said = [text.get_text() for text in figure.legends[0].get_texts()]
    assert said == ["normal cell ○", "leukaemic blast", SEVERAL]
    assert figure.get_suptitle() == LEAK_WORDS
    (alone,) = patient_accuracy(ROWS[1:2], TITLES, "").legends[0].get_texts()
    assert alone.get_text() == "leukaemic blast"


def test_many_patients_are_divided_and_none_lost() -> None:
    many = [row(str(number), 5, "normal cell") for number in range(2 * MOST_ROWS + 1)]
    chunks = accuracy_chunks(many)
    assert [title for title, _ in chunks] == [" (1 of 3)", " (2 of 3)", " (3 of 3)"]
    assert [one for _, rows in chunks for one in rows] == many
    assert accuracy_chunks([]) == []
