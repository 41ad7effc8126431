"""Which figures a study's page shows: one for each setting that varies, the others held still."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from leukoscope.reports.figures.study_bars import MOST_ROWS, Bar, Panel
from leukoscope.reports.words import metric_title

SCORES = {"log_loss": None, "balanced_accuracy": 1.0}
"""The scores side by side, each with the end of its axis."""
MOST_FIGURES = 12

Row = dict[str, Any]


def figure_panels(record: Row, runs: Sequence[Row], summary: Sequence[Row]) -> list[tuple[str, list[Panel]]]:
    """Return the title and the panels of each figure.

    Args:
        record: ``study.json``.
        runs: The rows of ``study.csv``.
        summary: The rows of ``summary.csv``.

    Returns:
        A figure a setting that varies and combination of the others' values, at most 12; where nothing varies, one
        that shows the runs.
    """
    varying = [name for name, values in record["grid"].items() if len(values) > 1]
    if not varying:
        variant = record["variants"][0]["variant"]
        return [("", _panels(record, runs, summary, [(variant, variant)]))]
    figures = []
    for name in varying:
        for still, group in _groups(runs, name, [other for other in varying if other != name]).items():
            title = _short(name) + (f"\n({still})" if still else "")
            figures.append((title, _panels(record, runs, summary, group[:MOST_ROWS])))
    return figures[:MOST_FIGURES]


def published_value(figure: Any) -> float | None:  # noqa: ANN401 - as a recipe writes it
    """Return a published figure's value: a number, or the first of value and deviation.

    Example:
        >>> published_value([0.8789, 0.009]), published_value(0.814), published_value("n/a")
        (0.8789, 0.814, None)
    """
    value = figure[0] if isinstance(figure, list) and figure else figure
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _groups(runs: Sequence[Row], name: str, others: Sequence[str]) -> dict[str, list[tuple[str, str]]]:
    """Return (variant, value of the setting) of each combination of the other settings' values."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for row in runs:
        still = ", ".join(f"{_short(other)}={row[other]}" for other in others)
        pair = (str(row["variant"]), str(row[name]))
        group = groups.setdefault(still, [])
        if pair not in group:
            group.append(pair)
    return groups


def _panels(record: Row, runs: Sequence[Row], summary: Sequence[Row], shown: Sequence[tuple[str, str]]) -> list[Panel]:
    known = {(row["variant"], row["score"]): row for row in summary}
    published = {row["variant"]: row["published"] for row in record["variants"]}
    panels = []
    for score, end in SCORES.items():
        bars = []
        for variant, title in shown:
            own = [row[score] for row in runs if row["variant"] == variant and row.get(score) is not None]
            beside = published_value(published[variant].get(score))
            bars.append(_bar(title, known.get((variant, score), {}), own, beside))
        panels.append(Panel(metric_title(score), tuple(bars), end))
    return panels


def _bar(title: str, row: Row, runs: Sequence[float], published: float | None) -> Bar:
    return Bar(title, row.get("mean"), row.get("low"), row.get("high"), tuple(runs), published)


def _short(name: str) -> str:
    return name.rpartition(".")[2].replace("_", " ")
