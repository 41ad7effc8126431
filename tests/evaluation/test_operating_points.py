from __future__ import annotations

from collections.abc import Callable

import pytest

from leukoscope.errors import SettingsError
from leukoscope.evaluation import choose_threshold, evaluate, operating_points, points_table
from leukoscope.predictions.table import Predictions

Draw = Callable[..., Predictions]


def test_each_wanted_sensitivity_is_reached_on_validation_and_told_on_test(draw_sick: Draw) -> None:
    validation, test = draw_sick(patients=80), draw_sick(seed=1, patients=60)
    points = operating_points(validation, test, sensitivities=(0.8, 0.95, 1.0), replicates=100)
    for point in points:
        assert point.threshold == choose_threshold(validation, sensitivity=point.wanted)
        reached, _ = point.reached["validation"]
        assert reached.value is not None
        assert reached.value >= point.wanted
        scores = evaluate(test, threshold=point.threshold.value, replicates=100)
        assert point.reached["test"] == (scores["sensitivity"], scores["specificity"])
    thresholds = [point.threshold.value for point in points]
    assert thresholds == sorted(thresholds, reverse=True)


def test_points_stand_in_a_table(draw_sick: Draw) -> None:
    points = operating_points(draw_sick(), draw_sick(seed=1), sensitivities=(0.9,), replicates=100)
    table = points_table(points)
    assert table.columns == [
        "wanted", "threshold", "part",
        "sensitivity", "sensitivity_low", "sensitivity_high", "specificity", "specificity_low", "specificity_high",
    ]  # fmt: skip
    assert table["part"].to_list() == ["validation", "test"]
    assert table["sensitivity_low"].to_list() == [point[0].low for point in points[0].reached.values()]


def test_the_test_part_need_not_be_opened(draw_sick: Draw) -> None:
    assert set(operating_points(draw_sick(), replicates=0)[0].reached) == {"validation"}


def test_more_classes_have_no_operating_point(draw: Draw) -> None:
    with pytest.raises(SettingsError, match="A threshold needs two classes"):
        operating_points(draw(classes=3))
