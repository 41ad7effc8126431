"""The curves of a genetic search."""

from __future__ import annotations

import numpy as np

from leukoscope.reports.figures.genetic_course import genetic_course
from leukoscope.reports.figures.style import LEAK_WORDS

BEST, MEAN = [[0.5, 0.6], [0.7, 0.9], [0.4, 0.4]], [[0.4, 0.5], [0.6, 0.8], [0.3, 0.3]]


def test_the_chosen_search_and_the_others_are_drawn() -> None:
    figure = genetic_course(BEST, MEAN, chosen=1, equal=0.65)
    lines = {str(line.get_label()): list(np.ravel(line.get_ydata())) for line in figure.axes[0].lines}
    assert lines["best so far"] == BEST[1]
    assert lines["mean of the generation"] == MEAN[1]
    assert lines["equal weights"] == [0.65, 0.65]
    assert lines["best, other searches"] == BEST[0]
    assert len(figure.axes[0].lines) == 5


def test_unknown_equal_weights_have_no_line_and_a_leak_is_marked() -> None:
    figure = genetic_course(BEST[:1], MEAN[:1], chosen=0, leaking=True)
    assert [line.get_label() for line in figure.axes[0].lines] == ["best so far", "mean of the generation"]
    assert figure.get_suptitle() == LEAK_WORDS
