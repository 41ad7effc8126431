"""Distributions at home and here, aspect by aspect: where the middle half and nearly all values lie."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from leukoscope.reports.figures.style import INK, class_colour, class_marker, new_figure, styled

COLUMNS, PANEL, ROW, HEAD = 3, 2.9, 0.26, 0.62
HALF, NEARLY_ALL = (0.25, 0.75), (0.05, 0.95)


@dataclass(frozen=True)
class Strips:
    """One aspect.

    Args:
        title: What it is called.
        unit: Its unit.
        parts: Of each part, by its title, the values by their levels: 0.05, 0.25, 0.5, 0.75 and 0.95.
    """

    title: str
    unit: str
    parts: Mapping[str, Mapping[float, float]]


@styled
def drift_strips(panels: Sequence[Strips], *, leaking: bool = False) -> Figure:
    """Draw a panel an aspect: of each part the middle, the middle half (thick) and nine in ten (thin).

    Args:
        panels: The aspects; all of the same parts, of which one may lack some.
        leaking: Whether the bundle's split leaks.
    """
    names = list(dict.fromkeys(name for panel in panels for name in panel.parts))
    rows = -(-len(panels) // COLUMNS)
    figure = new_figure(
        PANEL * min(len(panels), COLUMNS) + 0.9, rows * (HEAD + ROW * len(names) + 0.25) + 0.3, leaking=leaking
    )
    every: Any = figure.subplots(rows, min(len(panels), COLUMNS), squeeze=False)
    for axes, panel in zip(every.flat, panels, strict=False):
        _draw(axes, panel, names)
    for axes in every.flat[len(panels) :]:
        axes.set_visible(False)
    for axes in every[:, 0]:
        axes.set_yticks(range(len(names)), names)
    return figure


def _draw(axes: Axes, panel: Strips, names: Sequence[str]) -> None:
    for row, name in enumerate(names):
        found = panel.parts.get(name)
        if found is None:
            continue
        colour = class_colour(row)
        for (low, high), width in ((NEARLY_ALL, 1.2), (HALF, 5.0)):
            axes.plot([found[low], found[high]], [row, row], color=colour, linewidth=width, solid_capstyle="butt")
        axes.plot(
            [found[0.5]], [row], marker=class_marker(row), markersize=6, color=colour, markeredgecolor=INK,
            markeredgewidth=0.8,
        )  # fmt: skip
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.set_yticks(range(len(names)), [""] * len(names))
    axes.tick_params(axis="y", length=0)
    axes.grid(visible=False, axis="y")
    axes.set_title(panel.title, fontsize=9)
    axes.set_xlabel(panel.unit, fontsize=8)
