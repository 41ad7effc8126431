"""The two curves over all thresholds: ROC, and precision against recall."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from leukoscope.reports.figures.style import (
    INK,
    MUTED,
    NARROW,
    class_colour,
    class_line,
    new_figure,
    styled,
    unit_square,
)
from leukoscope.reports.words import NOT_AVAILABLE, decimal, score_words

LEGEND_ROW = 0.2


@styled
def roc_curves(part: dict[str, Any], *, leaking: bool = False) -> Figure:
    """Draw sensitivity against the share of false alarms, one curve a class (two classes: the positive one's).

    Where there are two classes, the point of the chosen threshold is marked.

    Args:
        part: A part of ``scores.json`` with ``curves.roc``: ``{class: {"fpr": [...], "tpr": [...]}}``.
        leaking: Whether the split leaks.
    """
    curves = _wanted(part, part["curves"]["roc"])
    marked = _threshold_point(part)
    figure = new_figure(NARROW, _height(len(curves) + (marked is not None)), leaking=leaking)
    axes = figure.add_subplot()
    axes.plot([0, 1], [0, 1], color=MUTED, linewidth=1.1, linestyle=(0, (4, 3)))
    axes.annotate(
        "guessing", (0.62, 0.62), xytext=(3, -3), textcoords="offset points", va="top", fontsize=8, color=MUTED
    )
    for name, curve in curves.items():
        axes.plot(curve["fpr"], curve["tpr"], **_look(part, name, "roc_auc", alone=len(curves) == 1))
    if marked is not None:
        label = f"at the threshold {decimal(part['threshold'], 2)}"
        axes.plot(*marked, "o", color=INK, markersize=7, linestyle="none", label=label, zorder=5)
    _finish(figure, axes, "false alarms (1 \N{MINUS SIGN} specificity)", "found (sensitivity)")
    return figure


@styled
def pr_curves(part: dict[str, Any], *, leaking: bool = False) -> Figure:
    """Draw precision against recall, one curve a class (two classes: the positive one's).

    Args:
        part: A part of ``scores.json`` with ``curves.pr``: ``{class: {"recall": [...], "precision": [...]}}``.
        leaking: Whether the split leaks.
    """
    curves = _wanted(part, part["curves"]["pr"])
    figure = new_figure(NARROW, _height(len(curves)), leaking=leaking)
    axes = figure.add_subplot()
    for name, curve in curves.items():
        axes.plot(curve["recall"], curve["precision"], **_look(part, name, "pr_auc", alone=len(curves) == 1))
    _finish(figure, axes, "found (recall)", "right when it says so (precision)")
    return figure


def _wanted(part: dict[str, Any], curves: dict[str, Any]) -> dict[str, Any]:
    """Return the positive class's curve of two (the other is its mirror), all of more."""
    return {name: curve for name, curve in curves.items() if part["positive"] in {None, name} and curve}


def _height(legend_rows: int) -> float:
    return 4.35 + LEGEND_ROW * legend_rows


def _look(part: dict[str, Any], name: str, area: str, *, alone: bool) -> dict[str, Any]:
    place = part["classes"].index(name)
    scores = part["scores"] if part["positive"] else part["per_class"][name]
    title, said = part["titles"][place], score_words(scores.get(area))
    return {
        "color": class_colour(place),
        "linestyle": "-" if alone else class_line(place),
        "label": title if said == NOT_AVAILABLE else f"{title}: area {said}",
    }


def _threshold_point(part: dict[str, Any]) -> tuple[float, float] | None:
    sensitivity, specificity = (part["scores"].get(name, {}).get("value") for name in ("sensitivity", "specificity"))
    if part["threshold"] is None or sensitivity is None or specificity is None:
        return None
    return 1 - specificity, sensitivity


def _finish(figure: Figure, axes: Axes, across: str, up: str) -> None:
    unit_square(axes)
    axes.set_xlabel(across)
    axes.set_ylabel(up)
    figure.legend(loc="outside lower left")
