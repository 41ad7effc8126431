from __future__ import annotations

import pytest
from matplotlib.colors import to_hex

from leukoscope.reports.figures.study_bars import INTERVAL, PUBLISHED, RUNS, Bar, Panel, study_bars
from leukoscope.reports.figures.style import LEAK_WORDS, class_colour

BARS = (
    Bar("max", 0.8, 0.7, 0.9, (0.75, 0.85), published=0.788),
    Bar("mean", 0.6, None, None, (0.6,)),
    Bar("top_k(k=10)", None),
)


def test_a_bar_is_as_long_as_its_mean_and_begins_at_nought() -> None:
    figure = study_bars([Panel("Log-loss", BARS, None), Panel("Balanced accuracy", BARS)], "aggregator")
    for axes in figure.axes:
        assert [(bar.get_x(), bar.get_width()) for bar in axes.patches] == [(0, 0.8), (0, 0.6)]
    free, whole = figure.axes
    assert free.get_xlim() == (0, pytest.approx(0.9 * 1.08))
    assert whole.get_xlim() == (0, 1)
    assert [text.get_text() for text in whole.texts] == ["0.800\n(0.70 to 0.90)", "0.600", "no run"]
    assert [label.get_text() for label in free.get_yticklabels()] == ["max", "mean", "top_k(k=10)"]


def test_whiskers_runs_and_published_values_stand_where_they_are() -> None:
    axes = study_bars([Panel("Balanced accuracy", BARS)], "aggregator").axes[0]
    drawn = [(line.get_marker(), list(line.get_xdata())) for line in axes.lines]
    assert ("None", [0.7, 0.9]) in drawn
    assert ("o", [0.75, 0.85]) in drawn
    assert ("D", [0.788]) in drawn


def test_the_legend_explains_what_is_there_and_nothing_else() -> None:
    every = study_bars([Panel("a", BARS)], "").legends[0]
    assert [text.get_text() for text in every.get_texts()] == [INTERVAL, RUNS, PUBLISHED]
    folds = study_bars([Panel("a", BARS)], "", over="folds").legends[0]
    assert [text.get_text() for text in folds.get_texts()] == ["95 % interval over folds", "a fold", PUBLISHED]
    few = study_bars([Panel("a", BARS[1:2])], "").legends[0]
    assert [text.get_text() for text in few.get_texts()] == [RUNS]


def test_panels_are_told_apart_without_colour_and_a_leak_is_marked() -> None:
    figure = study_bars([Panel("a", BARS), Panel("b", BARS)], "", leaking=True)
    one, other = (axes.patches[0] for axes in figure.axes)
    assert one.get_hatch() != other.get_hatch()
    assert to_hex(one.get_facecolor()) == class_colour(0)
    assert figure.get_suptitle() == LEAK_WORDS
