from __future__ import annotations

from typing import Any

import pytest

from leukoscope.reports.figures import ablation_bars
from leukoscope.reports.figures.style import COLOURS


def row(title: str, value: float, *, model: bool = False, low: float | None = 0.4) -> dict[str, Any]:
    score = {"value": value, "low": low, "high": None if low is None else 0.99}
    return {"title": title, "model": model, "scores": {"roc_auc": score}}


def test_each_row_has_its_bar_and_the_model_another_colour() -> None:
    rows = [row("lymphocyte_count alone", 0.9), row("age alone", 0.45, low=None), row("images only", 0.8, model=True)]
    axes = ablation_bars(rows).axes[0]
    ends = [bar.get_x() + bar.get_width() for bar in axes.patches]
    assert ends == pytest.approx([0.9, 0.45, 0.8])
    assert [bar.get_hatch() or "" for bar in axes.patches] == ["", "", "////"]
    assert len({bar.get_facecolor() for bar in axes.patches}) == 2
    assert COLOURS[0] != COLOURS[1]
    assert [text.get_text() for text in axes.texts] == ["0.900  (0.400 to 0.990)", "0.450", "0.800  (0.400 to 0.990)"]
    assert axes.get_yticklabels()[0].get_text() == "lymphocyte count alone"
    assert axes.get_xlim()[0] < 0.4


def test_a_leaking_split_is_written_over_it() -> None:
    figure = ablation_bars([row("age alone", 0.6)], leaking=True)
    assert figure.get_suptitle() == "LEAKAGE: not a score on unseen patients"
