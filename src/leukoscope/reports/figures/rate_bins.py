"""Each model's error rate over what the cells are like, with intervals clustered by patient."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from leukoscope.reports.figures.style import PAPER, class_colour, class_line, class_marker, new_figure, styled

ACROSS = 3
PANEL_WIDTH, PANEL_HEIGHT = 2.9, 2.3
APART = 0.5
LOWEST_TOP = 0.1
YES_AND_NO = 2


@dataclass(frozen=True)
class Rate:
    """One error rate.

    Args:
        value: 0 to 1.
        low: The interval's lower bound; None where there is none.
        high: Its upper bound.
    """

    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class RatePanel:
    """One property of cells.

    Args:
        title: Its name and unit.
        bins: What stands under each bin, from the lowest.
        rates: Each model's rates, one a bin.
    """

    title: str
    bins: tuple[str, ...]
    rates: tuple[tuple[Rate, ...], ...]


@styled
def rate_bins(panels: Sequence[RatePanel], models: Sequence[str], *, leaking: bool = False) -> Figure:
    """Draw a panel a property: bins from left to right, a mark a model with its whisker; all begin at 0.

    A mark without interval is empty.

    Args:
        panels: One or more.
        models: The models' names, in the order of each panel's rates.
        leaking: Whether the split leaks.
    """
    across = min(ACROSS, len(panels))
    down = -(-len(panels) // across)
    legend = 0.25 * -(-len(models) // 2) + 0.2
    figure = new_figure(1.0 + PANEL_WIDTH * across, PANEL_HEIGHT * down + legend, leaking=leaking)
    every: Any = figure.subplots(down, across, sharey=True, squeeze=False)
    for place, axes in enumerate(every.ravel()):
        if place < len(panels):
            _draw(axes, panels[place])
        else:
            axes.set_visible(False)
    # All panels share one axis; two of them must not end at different heights.
    top = max(rate.high or rate.value for panel in panels for rates in panel.rates for rate in rates)
    every[0][0].set_ylim(0, min(max(LOWEST_TOP, 1.08 * top), 1.02))
    for row in every:
        row[0].set_ylabel("error rate")
    keys = [_key(every[0][0], place, name) for place, name in enumerate(models)]
    figure.legend(handles=keys, loc="outside lower center", ncols=2)
    return figure


def _draw(axes: Axes, panel: RatePanel) -> None:
    number = len(panel.rates)
    for place, rates in enumerate(panel.rates):
        at = [one + (place - (number - 1) / 2) * APART / max(number, 1) for one in range(len(rates))]
        colour = class_colour(place)
        if len(rates) > YES_AND_NO:
            axes.plot(at, [rate.value for rate in rates], color=colour, linestyle=class_line(place), linewidth=1.0)
        for x, rate in zip(at, rates, strict=True):
            _mark(axes, x, rate, place)
    axes.set_xlim(-0.6, len(panel.bins) - 0.4)
    axes.set_xticks(range(len(panel.bins)), list(panel.bins), fontsize=8)
    axes.tick_params(axis="x", length=0)
    axes.grid(visible=False, axis="x")
    axes.set_title(panel.title)


def _mark(axes: Axes, x: float, rate: Rate, place: int) -> None:
    colour, face = class_colour(place), PAPER
    if rate.low is not None and rate.high is not None:
        face = colour
        axes.plot([x, x], [rate.low, rate.high], color=colour, linewidth=1.2, solid_capstyle="butt")
    axes.plot(
        [x],
        [rate.value],
        color=colour,
        marker=class_marker(place),
        markersize=5,
        markerfacecolor=face,
        clip_on=False,
    )


def _key(axes: Axes, place: int, name: str) -> Any:  # noqa: ANN401 - an artist
    (key,) = axes.plot(
        [],
        [],
        color=class_colour(place),
        linestyle=class_line(place),
        marker=class_marker(place),
        ms=5,
        lw=1,
        label=name,
    )
    return key
