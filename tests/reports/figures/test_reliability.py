"""How often several are right where they are so sure."""

from __future__ import annotations

from leukoscope.reports.figures.reliability import reliability
from leukoscope.reports.figures.style import LEAK_WORDS


def test_each_state_has_a_panel_and_each_model_a_line_through_its_bins() -> None:
    bins = [{"mean_probability": 0.65, "share_right": 0.5, "cells": 10},
            {"mean_probability": 0.75, "share_right": 0.0, "cells": 4},
            {"mean_probability": 0.95, "share_right": 0.9, "cells": 30}]  # fmt: skip
    states = {"as said": {"surest": bins, "average": bins[:1]}, "calibrated": {"surest": bins[2:], "average": []}}
    figure = reliability(states, chance=0.5, leaking=True)
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["as said", "calibrated"]
    assert [list(line.get_xdata()) for line in figure.axes[0].lines[1:]] == [[0.65, 0.95], [0.65]], "no bin of four"
    assert [list(line.get_ydata()) for line in figure.axes[1].lines[1:]] == [[0.9], []]
    sizes = figure.axes[0].collections[0].get_sizes()
    assert sizes[1] > sizes[0]
    assert figure.axes[0].get_xlim()[0] == 0.48
    assert figure.get_suptitle() == LEAK_WORDS
