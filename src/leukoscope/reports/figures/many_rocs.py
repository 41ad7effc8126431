"""The ROC curves of several models and rules, on one pair of axes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

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
    wrapped,
)

LEGEND_ROW, LONGEST_LINE = 0.21, 52
Curve = tuple[Sequence[float], Sequence[float]]


@styled
def many_rocs(
    curves: Mapping[str, Curve], *, marked: Sequence[float] = (), rules: Sequence[str] = (), leaking: bool = False
) -> Figure:
    """Draw sensitivity against the share of false alarms, a curve each; rules are drawn thicker than members.

    Args:
        curves: Of each title the rates of false alarms and of what was found, both rising.
        marked: Rates of false alarms to mark by upright lines.
        rules: Which of the titles are rules.
        leaking: Whether a split leaks.
    """
    figure = new_figure(NARROW + 0.6, NARROW + 0.5 + LEGEND_ROW * len(curves), leaking=leaking)
    axes = figure.add_subplot()
    axes.plot([0, 1], [0, 1], color=MUTED, linewidth=1.1, linestyle=(0, (4, 3)))
    for rate in marked:
        axes.axvline(rate, color=INK, linewidth=0.7, linestyle=":")
    for place, (title, (across, up)) in enumerate(curves.items()):
        width = 2.0 if title in rules else 1.1
        look = {"color": class_colour(place), "linestyle": class_line(place), "linewidth": width}
        axes.plot(across, up, label=wrapped(title, LONGEST_LINE), **look)  # type: ignore[arg-type]
    unit_square(axes)
    axes.set_xlabel("false alarms (1 \N{MINUS SIGN} specificity)")
    axes.set_ylabel("found (sensitivity)")
    figure.legend(loc="outside lower left")
    return figure
