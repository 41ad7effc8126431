"""First side less each other one, pair of runs by pair of runs, with intervals over patients."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from leukoscope.reports.figures.style import INK, class_colour, class_marker, new_figure, styled, wrapped

MOST_ROWS = 60
PANEL_WIDTH = 3.7
NAMES_WIDTH = 1.9
ROW_HEIGHT = 0.3
LONGEST_LINE = 34


@dataclass(frozen=True)
class Difference:
    """One pair of runs.

    Args:
        title: The other side and the runs.
        value: First less second.
        low: The interval's lower bound; None where there is none.
        high: Its upper bound.
        side: The place of the other side, from 0 on: its colour and marker.
    """

    title: str
    value: float
    low: float | None
    high: float | None
    side: int


@dataclass(frozen=True)
class DifferencePanel:
    """One score.

    Args:
        title: The score's name.
        rows: The pairs of runs, the same in every panel, at most ``MOST_ROWS``; None where a pair lacks the score.
    """

    title: str
    rows: tuple[Difference | None, ...]


@styled
def comparison_differences(
    panels: Sequence[DifferencePanel], names: Sequence[str], first: str, *, leaking: bool = False
) -> Figure:
    """Draw a row a pair of runs in each panel: the difference, its interval over patients, and a line at no difference.

    Args:
        panels: The scores, side by side.
        names: What each row is called.
        first: The first side's name.
        leaking: Whether a split leaks.
    """
    figure = new_figure(NAMES_WIDTH + PANEL_WIDTH * len(panels), 1.2 + ROW_HEIGHT * len(names), leaking=leaking)
    every: Any = figure.subplots(1, len(panels), sharey=True, squeeze=False)
    for axes, panel in zip(every[0], panels, strict=True):
        _draw(axes, panel)
    every[0][0].set_yticks(range(len(names)), [wrapped(name, LONGEST_LINE) for name in names], fontsize=8)
    every[0][0].set_ylim(len(names) - 0.4, -0.6)
    figure.supxlabel(f"{first} less the other side, with 95 % interval over patients", fontsize=8.5)
    return figure


def _draw(axes: Axes, panel: DifferencePanel) -> None:
    axes.axvline(0, color=INK, linewidth=1.0)
    for place, row in enumerate(panel.rows):
        if row is None:
            axes.text(
                0.98, place, "not tested", transform=axes.get_yaxis_transform(), ha="right", va="center", fontsize=7
            )
            continue
        if row.low is not None and row.high is not None:
            axes.plot([row.low, row.high], [place, place], color=class_colour(row.side), linewidth=1.6)
        axes.plot(
            [row.value], [place], marker=class_marker(row.side), markersize=5.5, linewidth=0,
            color=class_colour(row.side), markeredgecolor=INK, markeredgewidth=0.6,
        )  # fmt: skip
    axes.tick_params(axis="y", length=0)
    axes.grid(visible=False, axis="y")
    axes.set_title(panel.title)
