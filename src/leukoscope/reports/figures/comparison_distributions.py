"""The runs of each side of a comparison: every run a mark, the mean and its spread beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from leukoscope.reports.figures.style import INK, MUTED, class_colour, class_marker, new_figure, styled, wrapped

PANEL_WIDTH = 3.7
NAMES_WIDTH = 1.6
ROW_HEIGHT = 0.62
LONGEST_LINE = 26
SPREAD = 0.16
MEAN_AT = 0.3
RUN, MEAN, PAIR = "a run", "mean and one deviation over runs", "one seed, the same rows"


@dataclass(frozen=True)
class SideRuns:
    """The runs of one side, of one score.

    Args:
        title: The side's name.
        values: One a run, by the run's key; runs of one key on two sides are a pair.
    """

    title: str
    values: dict[str, float]


@dataclass(frozen=True)
class ScorePanel:
    """One score of all sides.

    Args:
        title: The score's name.
        sides: The same sides in every panel.
    """

    title: str
    sides: tuple[SideRuns, ...]


@styled
def comparison_distributions(panels: Sequence[ScorePanel], *, leaking: bool = False) -> Figure:
    """Draw a row a side in each panel: a mark a run, and below them the mean with one deviation to either side.

    Of two sides the runs that are a pair are joined. The axis holds all values and need not begin at 0: marks are
    compared by their place, not by a length.

    Args:
        panels: The scores, side by side.
        leaking: Whether a split leaks.
    """
    rows = max(len(panel.sides) for panel in panels)
    figure = new_figure(NAMES_WIDTH + PANEL_WIDTH * len(panels), 1.3 + ROW_HEIGHT * rows, leaking=leaking)
    every: Any = figure.subplots(1, len(panels), sharey=True, squeeze=False)
    for axes, panel in zip(every[0], panels, strict=True):
        _draw(axes, panel)
    names = [wrapped(side.title, LONGEST_LINE) for side in panels[0].sides]
    every[0][0].set_yticks(range(rows), names, fontsize=8.5)
    every[0][0].set_ylim(rows - 0.4, -0.55)
    _explain(figure, panels)
    return figure


def _draw(axes: Axes, panel: ScorePanel) -> None:
    if len(panel.sides) == 2:  # noqa: PLR2004 - lines between more than two rows would cross
        _join(axes, *panel.sides)
    for row, side in enumerate(panel.sides):
        values = list(side.values.values())
        axes.plot(
            values, row + _beside(len(values)), marker=class_marker(row), markersize=5.5, linewidth=0,
            color=class_colour(row), markeredgecolor=INK, markeredgewidth=0.6,
        )  # fmt: skip
        _draw_mean(axes, row + MEAN_AT, values)
    axes.tick_params(axis="y", length=0)
    axes.grid(visible=False, axis="y")
    axes.margins(x=0.08)
    axes.set_title(panel.title)


def _join(axes: Axes, first: SideRuns, second: SideRuns) -> None:
    places = [dict(zip(side.values, _beside(len(side.values)), strict=True)) for side in (first, second)]
    for key in first.values:
        if key in second.values:
            ends = [first.values[key], second.values[key]]
            axes.plot(ends, [places[0][key], 1 + places[1][key]], color=MUTED, linewidth=0.7, zorder=1)


def _draw_mean(axes: Axes, height: float, values: Sequence[float]) -> None:
    if not values:
        axes.text(0.5, height - MEAN_AT, "no run", transform=axes.get_yaxis_transform(), va="center", fontsize=8)
        return
    middle, spread = float(np.mean(values)), float(np.std(values, ddof=1)) if len(values) > 1 else 0.0
    axes.plot([middle - spread, middle + spread], [height, height], color=INK, linewidth=1.3, solid_capstyle="butt")
    axes.plot([middle], [height], color=INK, marker="|", markersize=9, markeredgewidth=2, linewidth=0)


def _beside(number: int) -> Any:  # noqa: ANN401 - an array of numpy's own kind
    """Return how far each run is set off from its row, so that equal values are all seen, the same each time."""
    return np.linspace(-SPREAD, SPREAD, number) if number > 1 else np.zeros(number)


def _explain(figure: Figure, panels: Sequence[ScorePanel]) -> None:
    axes, sides = figure.axes[0], panels[0].sides
    keys: list[Any] = []
    keys += axes.plot([], [], marker="o", markersize=5.5, linewidth=0, color="none", markeredgecolor=INK, label=RUN)
    keys += axes.plot([], [], color=INK, linewidth=1.3, marker="|", markersize=9, markeredgewidth=2, label=MEAN)
    if len(sides) == 2 and set(sides[0].values) & set(sides[1].values):  # noqa: PLR2004 - see above
        keys += axes.plot([], [], color=MUTED, linewidth=0.7, label=PAIR)
    figure.legend(handles=keys, loc="outside lower center", ncols=len(keys))
