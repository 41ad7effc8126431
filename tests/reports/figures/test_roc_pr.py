from __future__ import annotations

from typing import Any

import numpy as np

from leukoscope.reports.figures import pr_curves, roc_curves


def test_two_classes_have_one_curve_and_the_threshold(binary: dict[str, Any]) -> None:
    binary["curves"]["roc"]["hem"] = {"fpr": [0, 1], "tpr": [0, 1]}
    figure = roc_curves(binary)
    _guessing, curve, point = figure.axes[0].lines
    assert np.allclose(curve.get_ydata(), binary["curves"]["roc"]["all"]["tpr"])
    scores = binary["scores"]
    assert point.get_xydata()[0].tolist() == [1 - scores["specificity"]["value"], scores["sensitivity"]["value"]]
    assert [text.get_text() for text in figure.legends[0].texts] == [
        "leukaemic blast (ALL): area 0.931 (0.901 to 0.961)",
        "at the threshold 0.43",
    ]


def test_many_classes_have_a_curve_each_and_no_threshold(many: dict[str, Any]) -> None:
    figure = roc_curves(many)
    assert len(figure.axes[0].lines) == 8
    assert figure.legends[0].texts[3].get_text() == "immature granulocyte: area 0.982 (0.972 to 0.992)"
    looks = {(line.get_color(), line.get_linestyle()) for line in figure.axes[0].lines[1:]}
    assert len(looks) == 7


def test_precision_against_recall(binary: dict[str, Any], many: dict[str, Any]) -> None:
    (curve,) = pr_curves(binary).axes[0].lines
    assert np.allclose(curve.get_xdata(), binary["curves"]["pr"]["all"]["recall"])
    # No area is known of these classes: the curve is named without one.
    assert pr_curves(many, leaking=True).legends[0].texts[0].get_text() == "basophil"


def test_both_panels_are_equally_large(binary: dict[str, Any]) -> None:
    heights = []
    for figure in (roc_curves(binary), pr_curves(binary)):
        figure.draw_without_rendering()
        heights.append(figure.axes[0].get_window_extent().height)
    assert abs(heights[0] - heights[1]) < 10
