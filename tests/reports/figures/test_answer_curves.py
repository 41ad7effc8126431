from __future__ import annotations

from leukoscope.reports.figures.answer_curves import answer_curves

CURVE = [(0.1, 0.0), (0.4, 0.5), (0.9, 1.0)]


def test_each_part_is_a_line_and_the_threshold_stands_in_the_first_panel() -> None:
    panels = {
        "probability of the positive class": {"test, at home": CURVE, "here": CURVE[::2]},
        "sure": {"here": CURVE},
    }
    figure = answer_curves(panels, threshold=0.3)
    first, second = figure.axes
    assert [list(line.get_xdata()) for line in first.lines[:2]] == [[0.1, 0.4, 0.9], [0.1, 0.9]]
    assert list(first.lines[2].get_xdata()) == [0.3, 0.3]
    assert len(second.lines) == 1
    texts = [text.get_text() for text in figure.legends[0].get_texts()]
    assert texts == ["test, at home", "here", "threshold"]


def test_without_threshold_and_with_a_leak() -> None:
    figure = answer_curves({"sure": {"here": CURVE}}, leaking=True)
    assert len(figure.axes[0].lines) == 1
    assert figure.get_suptitle().startswith("LEAKAGE")
