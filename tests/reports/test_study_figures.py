from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from leukoscope.reports.study_figures import MOST_FIGURES, figure_panels


def study(**grid: list[str]) -> tuple[dict[str, Any], list[dict[str, Any]], list[dict[str, Any]]]:
    """Return a record, its runs of two seeds, and its summary; the score of a run is a tenth of its place."""
    combined = [dict(zip(grid, values, strict=True)) for values in product(*grid.values())]
    names = [", ".join(f"{name}={value}" for name, value in one.items()) or "drawn" for one in combined]
    record = {
        "grid": grid,
        "variants": [{"variant": name, "published": {"balanced_accuracy": [0.8, 0.1]}} for name in names],
    }
    runs = [
        {"variant": name, **one, "balanced_accuracy": place / 10, "log_loss": None}
        for _ in range(2)
        for place, (name, one) in enumerate(zip(names, combined, strict=True))
    ]
    summary = [
        {"variant": name, "score": "balanced_accuracy", "mean": place / 10, "low": 0.0, "high": 1.0}
        for place, name in enumerate(names)
    ]
    return record, runs, summary


def test_a_figure_a_setting_with_the_others_held_still() -> None:
    figures = figure_panels(*study(aggregator=["max", "mean"], cells=["1", "5", "none"], fixed=["a"]))
    assert [title for title, _ in figures] == [
        "aggregator\n(cells=1)", "aggregator\n(cells=5)", "aggregator\n(cells=none)",
        "cells\n(aggregator=max)", "cells\n(aggregator=mean)",
    ]  # fmt: skip
    loss, accuracy = figures[1][1]
    assert (loss.title, accuracy.title) == ("Log-loss", "Balanced accuracy")
    assert [(bar.title, bar.mean, bar.runs) for bar in accuracy.bars] == [
        ("max", 0.1, (0.1, 0.1)),
        ("mean", 0.4, (0.4, 0.4)),
    ]
    assert {bar.published for bar in accuracy.bars} == {0.8}
    assert {(bar.mean, bar.runs, bar.published) for bar in loss.bars} == {(None, (), None)}


def test_where_nothing_varies_the_runs_are_shown() -> None:
    ((title, panels),) = figure_panels(*study())
    assert title == ""
    assert [bar.title for bar in panels[1].bars] == ["drawn"]


def test_a_large_grid_does_not_fill_the_page() -> None:
    many = [str(number) for number in range(9)]
    assert len(figure_panels(*study(a=many, b=many))) == MOST_FIGURES


@pytest.mark.parametrize(
    ("published", "title", "value"),
    [
        ({"weighted_f1": {"mean": 0.88, "max": 0.9}, "accuracy": 0.8}, "Weighted F1", 0.88),
        ({"weighted_f1": 0.88, "balanced_accuracy": 0.7}, "Balanced accuracy", 0.7),
        ({"balanced_accuracy": "about 0.8"}, "Balanced accuracy", None),
        ({}, "Balanced accuracy", None),
    ],
)
def test_a_published_score_is_drawn_with_its_figure(published: dict[str, Any], title: str, value: float | None) -> None:
    record, runs, summary = study()
    record["variants"][0]["published"] = published
    ((_, panels),) = figure_panels(record, runs, summary)
    assert [panel.title for panel in panels] == ["Log-loss", title]
    assert [bar.published for bar in panels[1].bars] == [value]
