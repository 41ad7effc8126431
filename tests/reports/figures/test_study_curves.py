from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.colors import to_hex

from leukoscope.reports.figures.study_curves import MOST_PANELS, Course, CoursePanel, study_curves
from leukoscope.reports.figures.style import LEAK_WORDS, class_colour, class_line, class_marker

LONG = Course("rates=0.1", 0, (1, 2, 3), (0.5, 0.7, 0.9), (0.1, 0.1, None), (2, 2, 1))
SHORT = Course("rates=0.2", 4, (1, 2), (0.4, 0.6), (0.1, 0.2), (2, 2))


def test_the_line_is_the_mean_and_the_band_one_deviation() -> None:
    axes = study_curves([CoursePanel("Accuracy", (LONG,))]).axes[0]
    assert list(axes.lines[0].get_ydata()) == [0.5, 0.7, 0.9]
    corners = {(round(x), round(y, 9)) for x, y in axes.collections[0].get_paths()[0].vertices}
    assert corners == {(1, 0.4), (1, 0.6), (2, 0.6), (2, 0.8)}


@pytest.mark.parametrize(("runs", "thin_at"), [((2, 2, 1), [3]), ((1, 2, 2), [1]), ((2, 2, 2), [])])
def test_the_line_is_thin_where_fewer_runs_are_behind_it(runs: tuple[int, ...], thin_at: list[int]) -> None:
    thin, thick = study_curves([CoursePanel("Accuracy", (replace(LONG, runs=runs),))]).axes[0].lines
    missing = np.isnan(np.asarray(thick.get_ydata(), dtype=float))
    assert np.asarray(thick.get_xdata())[missing].tolist() == thin_at
    assert list(thin.get_ydata()) == [0.5, 0.7, 0.9]
    assert thin.get_linewidth() < thick.get_linewidth()


def test_one_run_has_no_band() -> None:
    alone = Course("a", 0, (1, 2), (0.5, 0.6), (None, None), (1, 1))
    assert not study_curves([CoursePanel("Accuracy", (alone,))]).axes[0].collections


def test_a_variant_keeps_its_look_and_is_known_without_colour() -> None:
    figure = study_curves([CoursePanel("Accuracy", (LONG, SHORT)), CoursePanel("MCC", (SHORT,))])
    first, second = (axes.lines[-1] for axes in figure.axes[:2])
    assert to_hex(first.get_color()) == to_hex(second.get_color()) == class_colour(4)
    assert first.get_marker() == second.get_marker() == class_marker(4)
    other = figure.axes[0].lines[1]
    assert (other.get_marker(), other.get_linestyle()) == (class_marker(0), class_line(0))
    assert first.get_linestyle() != other.get_linestyle()


def test_a_variant_that_lacks_the_first_metric_stands_in_the_legend_too() -> None:
    figure = study_curves([CoursePanel("MCC", (SHORT,)), CoursePanel("Accuracy", (LONG, SHORT))])
    assert {text.get_text() for text in figure.legends[0].get_texts()} == {"rates=0.1", "rates=0.2"}


@pytest.mark.parametrize(("ends", "low", "high"), [((0.0, 1.0), -0.04, 1.04), ((-math.inf, math.inf), -1.0, 2.0)])
def test_the_axis_ends_where_the_metric_does(ends: tuple[float, float], low: float, high: float) -> None:
    wide = Course("a", 0, (1, 2), (0.5, 0.5), (1.5, 1.5), (2, 2))
    axes = study_curves([CoursePanel("Accuracy", (wide,), ends)]).axes[0]
    found = axes.get_ylim()
    if math.isfinite(ends[0]):
        assert found == (pytest.approx(low), pytest.approx(high))
    else:
        assert found[0] <= low
        assert found[1] >= high


def test_epochs_are_written_below_every_column_and_empty_places_hidden() -> None:
    figure = study_curves([CoursePanel(f"{number}", (LONG,)) for number in range(4)])
    assert [axes.get_visible() for axes in figure.axes] == [True] * 4 + [False] * 2
    assert [axes.get_xlabel() for axes in figure.axes[:4]] == ["", "epoch", "epoch", "epoch"]
    assert len(study_curves([CoursePanel("a", (LONG,))] * MOST_PANELS).axes) == MOST_PANELS


def test_a_leak_is_marked() -> None:
    assert study_curves([CoursePanel("Accuracy", (LONG,))], leaking=True).get_suptitle() == LEAK_WORDS
