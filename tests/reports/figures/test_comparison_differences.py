from __future__ import annotations

from leukoscope.reports.figures.comparison_differences import Difference, DifferencePanel, comparison_differences
from leukoscope.reports.figures.style import LEAK_WORDS, class_colour, class_marker

ROWS = (Difference("norot", 0.02, -0.01, 0.05, 0), Difference("1e-3", -0.03, None, None, 1), None)


def test_each_difference_has_its_interval_and_what_is_missing_says_so() -> None:
    figure = comparison_differences([DifferencePanel("ROC AUC", ROWS)], ["a", "b", "c"], "all")
    axes = figure.axes[0]
    lines = [(line.get_marker(), line.get_color(), list(line.get_xdata())) for line in axes.lines]
    assert lines[0][2] == [0, 0]
    assert ("None", class_colour(0), [-0.01, 0.05]) in lines
    assert (class_marker(0), class_colour(0), [0.02]) in lines
    assert (class_marker(1), class_colour(1), [-0.03]) in lines
    assert len(lines) == 4
    assert [text.get_text() for text in axes.texts] == ["not tested"]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["a", "b", "c"]
    assert figure.get_supxlabel() == "all less the other side, with 95 % interval over patients"


def test_a_leak_is_marked() -> None:
    figure = comparison_differences([DifferencePanel("a", ROWS)], ["a", "b", "c"], "all", leaking=True)
    assert figure.get_suptitle() == LEAK_WORDS
