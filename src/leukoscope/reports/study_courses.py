"""Which curves over epochs a study's page shows, in which figure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from leukoscope.evaluation.names import TITLES, value_range
from leukoscope.reports.figures.study_curves import MOST_LINES, MOST_PANELS, Course, CoursePanel
from leukoscope.reports.words import metric_title

FIRST = (
    "weighted_f1",
    "roc_auc",
    "balanced_accuracy",
    "accuracy",
    "sensitivity",
    "specificity",
    "weighted_precision",
    "weighted_recall",
    "loss",
)
"""The metrics that are shown first; all others follow in the order of the table."""

MOST_VARIANTS = 12
"""More are in the table alone."""

Row = dict[str, Any]


def course_figures(curves: Sequence[Row]) -> list[list[list[CoursePanel]]]:
    """Return the panels of each figure.

    Args:
        curves: The rows of ``curves.csv``.

    Returns:
        For each nine metrics a list of figures, each of three variants, at most ``MOST_VARIANTS`` in all; each figure
        is a list of panels. The first nine are those that are asked for most.
    """
    variants = list(dict.fromkeys(row["variant"] for row in curves))[:MOST_VARIANTS]
    known = list(dict.fromkeys(row["metric"] for row in curves))
    metrics = list(dict.fromkeys([*(name for name in FIRST if name in known), *known]))
    rows: dict[tuple[str, str], list[Row]] = {}
    for row in curves:
        if row["variant"] in variants:
            rows.setdefault((row["metric"], row["variant"]), []).append(row)
    courses = {
        (metric, variant): _course(variant, variants.index(variant), own) for (metric, variant), own in rows.items()
    }
    return [
        [[_panel(metric, together, courses) for metric in shown] for together in _pieces(variants, MOST_LINES)]
        for shown in _pieces(metrics, MOST_PANELS)
    ]


def _panel(metric: str, together: Sequence[str], courses: Mapping[tuple[str, str], Course]) -> CoursePanel:
    known = tuple(courses[metric, variant] for variant in together if (metric, variant) in courses)
    ends = value_range(metric, binary=False) if metric in TITLES else (-math.inf, math.inf)
    return CoursePanel(metric_title(metric), known, ends)


def _course(variant: str, place: int, rows: Sequence[Row]) -> Course:
    epochs, means, deviations, runs = (
        tuple(row[name] for row in rows) for name in ("epoch", "mean", "deviation", "runs")
    )
    return Course(variant, place, epochs, means, deviations, runs)


def _pieces(names: Sequence[str], most: int) -> list[Sequence[str]]:
    return [names[start : start + most] for start in range(0, len(names), most)]
