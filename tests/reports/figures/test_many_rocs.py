"""Many ROC curves on one pair of axes."""

from __future__ import annotations

from leukoscope.reports.figures.many_rocs import many_rocs
from leukoscope.reports.figures.style import LEAK_WORDS


def test_each_curve_is_drawn_and_told_apart_and_rules_are_thicker() -> None:
    curves = {name: ([0.0, 0.5, 1.0], [0.0, 0.8, 1.0]) for name in ("a", "b", "average")}
    figure = many_rocs(curves, marked=[0.05, 0.1], rules=["average"], leaking=True)
    lines = figure.axes[0].lines
    marks, drawn = lines[1:3], lines[3:]
    assert [line.get_xdata()[0] for line in marks] == [0.05, 0.1]
    assert [line.get_label() for line in drawn] == list(curves)
    assert [list(line.get_ydata()) for line in drawn] == [[0.0, 0.8, 1.0]] * 3
    assert drawn[2].get_linewidth() > drawn[0].get_linewidth()
    assert len({(line.get_color(), str(line.get_linestyle())) for line in drawn}) == 3
    assert figure.get_suptitle() == LEAK_WORDS
