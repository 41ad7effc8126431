from __future__ import annotations

from typing import Any

import pytest

from leukoscope.reports.figures import shortcut_bars, shown_statistics


def row(statistic: str, auc: float | None, kind: str = "picture", **interval: float) -> dict[str, Any]:
    return {"statistic": statistic, "kind": kind, "auc": auc, "low": None, "high": None, **interval}


def test_the_strongest_come_first_and_what_is_not_known_is_left_out() -> None:
    rows = [row("b", 0.6), row("a", 0.6), row("c", None), row("d", 0.9)]
    assert [found["statistic"] for found in shown_statistics(rows)] == ["d", "a", "b"]
    assert len(shown_statistics([row(f"{number:02}", 0.5) for number in range(40)])) == 24


def test_a_bar_reaches_from_chance_to_the_auc_and_its_number_stands_beside_it() -> None:
    figure = shortcut_bars([row("cell_size", 0.868, low=0.83, high=0.9), row("file size", 0.41, "file")])
    (axes,) = figure.axes
    ends = [sorted((bar.get_x(), bar.get_x() + bar.get_width())) for bar in axes.patches]
    assert ends == [pytest.approx([0.5, 0.868]), pytest.approx([0.41, 0.5])]
    assert [text.get_text() for text in axes.texts] == ["0.87  (0.83 to 0.90)", "0.41"]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["cell size", "file size"]
    assert axes.get_xlim()[0] < 0.41
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["picture", "file"]


def test_the_whisker_is_the_interval() -> None:
    (axes,) = shortcut_bars([row("cell size", 0.8, low=0.7, high=0.9)]).axes
    whisker = axes.lines[0]
    assert (list(whisker.get_xdata()), list(whisker.get_ydata())) == ([0.7, 0.9], [0, 0])
    assert axes.get_legend() is None
