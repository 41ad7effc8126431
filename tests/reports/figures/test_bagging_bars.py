from __future__ import annotations

from leukoscope.reports.figures.bagging_bars import bagging_bars, bagging_groups
from leukoscope.reports.figures.style import LEAK_WORDS

ROWS = [
    {"title": "normal", "part": None, "whole": 40, "copies": 60},
    {"title": "malignant", "part": 0, "whole": 0, "copies": 48},
    {"title": "malignant", "part": 1, "whole": 47, "copies": 0},
    {"title": "malignant", "part": 2, "whole": 0, "copies": 5},
]


def test_each_class_has_a_bar_with_a_segment_a_part_and_all_end_together() -> None:
    [axes] = bagging_bars(ROWS).axes
    bars = [(bar.get_x(), bar.get_width()) for bar in axes.patches if bar.get_width()]
    assert bars == [(0, 40), (40, 60), (0, 48), (48, 47), (95, 5)]
    assert [text.get_text() for text in axes.texts] == ["40", "60", "part 0\n48", "part 1\n47"]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["normal", "malignant"]
    hatches = [bar.get_hatch() for bar in axes.patches if bar.get_width()]
    assert len({hatches[0], hatches[3]}) == 1
    assert len({hatches[1], hatches[2], hatches[4]}) == 1
    assert hatches[0] != hatches[1], "told apart without colour"


def test_a_leaking_split_is_marked() -> None:
    assert bagging_bars(ROWS, leaking=True).get_suptitle() == LEAK_WORDS
    assert not bagging_bars(ROWS).get_suptitle()


def test_several_models_have_a_group_each_and_one_scale() -> None:
    other = [row | {"whole": row["copies"] // 2, "copies": row["whole"]} for row in ROWS]
    figure = bagging_groups({"A": ROWS, "$B$": other})
    first, second = figure.axes
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["A", "$B$"]
    assert first.get_xlim() == second.get_xlim()
    assert (first.get_xlabel(), second.get_xlabel()) == ("", "cells that an epoch sees")
    bars = [(bar.get_x(), bar.get_width()) for bar in second.patches if bar.get_width()]
    assert bars == [(0, 30), (30, 40), (0, 24), (24, 47), (71, 2)]
    [legend] = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["whole cells, as they are", "changed copies"]
