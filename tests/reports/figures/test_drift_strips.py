from __future__ import annotations

import pytest

from leukoscope.reports.figures.drift_strips import Strips, drift_strips

VALUES = {0.05: 1.0, 0.25: 2.0, 0.5: 3.0, 0.75: 4.0, 0.95: 5.0}
MOVED = {level: value + 10 for level, value in VALUES.items()}


@pytest.mark.parametrize("number", [1, 3, 4])
def test_there_is_a_panel_an_aspect_and_a_strip_a_part(number: int) -> None:
    parts = {"training": VALUES, "here": MOVED}
    panels = [Strips(f"aspect {place}", "px", parts) for place in range(number)]
    figure = drift_strips(panels)
    shown = [axes for axes in figure.axes if axes.get_visible()]
    assert [axes.get_title(loc="left") for axes in shown] == [f"aspect {place}" for place in range(number)]
    lines = [line.get_xdata().tolist() for line in shown[0].lines]
    assert lines == [[1.0, 5.0], [2.0, 4.0], [3.0], [11.0, 15.0], [12.0, 14.0], [13.0]]
    assert [label.get_text() for label in shown[0].get_yticklabels()] == ["training", "here"]
    assert shown[0].get_xlabel() == "px"


def test_a_part_that_is_not_known_leaves_its_row_empty() -> None:
    figure = drift_strips([Strips("a", "px", {"training": VALUES, "here": MOVED}), Strips("b", "px", {"here": MOVED})])
    assert [line.get_ydata().tolist() for line in figure.axes[1].lines] == [[1, 1], [1, 1], [1]]


def test_a_leak_is_marked() -> None:
    assert drift_strips([Strips("a", "px", {"here": VALUES})], leaking=True).get_suptitle().startswith("LEAKAGE")
