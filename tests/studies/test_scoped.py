from __future__ import annotations

from leukoscope.studies.scoped import combinations, setting_of


def test_values_for_one_recipe_count_before_those_for_all() -> None:
    values = {"a": [1, 2], "quick:a": [3], "quick:b": [4, 5], "own/mine.yaml:c": [6]}
    assert combinations(values, "quick") == [{"a": 3, "b": 4}, {"a": 3, "b": 5}]
    assert combinations(values, "drawn") == [{"a": 1}, {"a": 2}]
    assert combinations(values, "own/mine.yaml") == [{"a": 1, "c": 6}, {"a": 2, "c": 6}]
    assert combinations({}, "quick") == []


def test_a_recipe_s_path_may_have_colons() -> None:
    assert setting_of("C:/own/mine.yaml:stages.0.rates") == "stages.0.rates"
    assert combinations({"C:/own/mine.yaml:a": [1]}, "C:/own/mine.yaml") == [{"a": 1}]
