from __future__ import annotations

import numpy as np
import pytest

from leukoscope.reports.figures.comparison_distributions import (
    MEAN,
    PAIR,
    RUN,
    ScorePanel,
    SideRuns,
    comparison_distributions,
)
from leukoscope.reports.figures.style import LEAK_WORDS, class_colour, class_marker

ONE = SideRuns("all", {"0": 0.8, "1": 0.9, "2": 0.7})
OTHER = SideRuns("norot", {"0": 0.75, "1": 0.85, "7": 0.6})


def test_each_run_stands_at_its_value_and_the_mean_at_its_own() -> None:
    axes = comparison_distributions([ScorePanel("ROC AUC", (ONE, OTHER))]).axes[0]
    drawn = [(line.get_marker(), list(line.get_xdata())) for line in axes.lines]
    assert (class_marker(0), [0.8, 0.9, 0.7]) in drawn
    spread = np.std([0.8, 0.9, 0.7], ddof=1)
    assert [pytest.approx(0.8 - spread), pytest.approx(0.8 + spread)] in [list(line.get_xdata()) for line in axes.lines]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["all", "norot"]


def test_pairs_of_two_sides_are_joined_and_of_more_are_not() -> None:
    two = comparison_distributions([ScorePanel("a", (ONE, OTHER))])
    joined = [list(line.get_xdata()) for line in two.axes[0].lines if len(line.get_xdata()) == 2]
    assert [0.8, 0.75] in joined
    assert [0.9, 0.85] in joined
    assert [text.get_text() for text in two.legends[0].get_texts()] == [RUN, MEAN, PAIR]
    three = comparison_distributions([ScorePanel("a", (ONE, OTHER, SideRuns("none", {})))])
    assert [0.8, 0.75] not in [list(line.get_xdata()) for line in three.axes[0].lines]
    assert [text.get_text() for text in three.legends[0].get_texts()] == [RUN, MEAN]
    assert [text.get_text() for text in three.axes[0].texts] == ["no run"]


def test_sides_are_told_apart_by_marker_and_colour_and_a_leak_is_marked() -> None:
    figure = comparison_distributions([ScorePanel("a", (ONE, OTHER))], leaking=True)
    marks = {(line.get_marker(), line.get_color()) for line in figure.axes[0].lines}
    assert {(class_marker(0), class_colour(0)), (class_marker(1), class_colour(1))} <= marks
    assert figure.get_suptitle() == LEAK_WORDS
