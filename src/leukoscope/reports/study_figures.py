"""Which figures a study's page shows: one for each setting that varies, the others held still."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from leukoscope.reports.figures.study_bars import MOST_ROWS, Bar, Panel
from leukoscope.reports.published_figure import OF_CLASSES, published_figure
from leukoscope.reports.words import metric_title

ENDS = {"log_loss": None}
"""Scores whose axis does not end at 1."""
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


def published_scores(record: Row) -> list[str]:
    """Return the scores that were published for any variant.

    Args:
        record: ``study.json``.

    Example:
        >>> published_scores({"variants": [{"published": {"weighted_f1": 0.88}}, {"published": {}}]})
        ['weighted_f1']
    """
    scores = dict.fromkeys(score for own in record["variants"] for score in own["published"])
    return [score for score in scores if score != OF_CLASSES]


def _scores(record: Row) -> tuple[str, str]:
    """Return the scores side by side: the log-loss, and balanced accuracy or what was published in its place."""
    published = published_scores(record)
    if "weighted_f1" in published and "balanced_accuracy" not in published:
        return "log_loss", "weighted_f1"
    return "log_loss", "balanced_accuracy"


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
    for score in _scores(record):
        bars = []
        for variant, title in shown:
            own = [row[score] for row in runs if row["variant"] == variant and row.get(score) is not None]
            beside = published_figure(published[variant].get(score))
            value = None if beside is None else beside.mean
            bars.append(_bar(title, known.get((variant, score), {}), own, value))
        panels.append(Panel(metric_title(score), tuple(bars), ENDS.get(score, 1.0)))
    return panels


def _bar(title: str, row: Row, runs: Sequence[float], published: float | None) -> Bar:
    return Bar(title, row.get("mean"), row.get("low"), row.get("high"), tuple(runs), published)


def _short(name: str) -> str:
    return name.rpartition(".")[2].replace("_", " ")
