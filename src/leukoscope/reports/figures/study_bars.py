"""The variants of a study side by side: mean over runs, its interval, each run, and what was published."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from leukoscope.reports.figures.style import INK, PAPER, class_colour, class_hatch, new_figure, styled, wrapped

MOST_ROWS = 24
PANEL_WIDTH = 3.6
NAMES_WIDTH = 1.3
ROW_HEIGHT = 0.42
BAR_HEIGHT = 0.66
LONGEST_LINE = 22
RUNS, INTERVAL, PUBLISHED = "a run", "95 % interval over runs", "published, by its own protocol"
FOLD = "a fold"


@dataclass(frozen=True)
class Bar:
    """One variant's bar.

    Args:
        title: What makes the variant, in words.
        mean: Over runs; None where no run has the score.
        low: Lower bound of the mean's interval over runs; None where there is none.
        high: Upper bound.
        runs: The value of each run.
        published: The published value; None where there is none.
    """

    title: str
    mean: float | None
    low: float | None = None
    high: float | None = None
    runs: tuple[float, ...] = ()
    published: float | None = None


@dataclass(frozen=True)
class Panel:
    """One score of all variants.

    Args:
        title: The score's name.
        bars: One a variant, at most ``MOST_ROWS``; the same variants in every panel.
        end: Where the axis ends; None for the largest value.
    """

    title: str
    bars: tuple[Bar, ...]
    end: float | None = 1.0


@styled
def study_bars(panels: Sequence[Panel], title: str, *, leaking: bool = False, over: str = "runs") -> Figure:
    """Draw a bar a variant in each panel: all begin at 0, so that lengths can be compared.

    A whisker is the 95 % interval of the mean over runs, a dot is one run, a diamond the published value.

    Args:
        panels: The scores, side by side.
        title: The name of the setting that varies.
        leaking: Whether a split leaks.
        over: What means and intervals are over, in words (``study_words.over_words``).
    """
    rows = max(len(panel.bars) for panel in panels)
    figure = new_figure(NAMES_WIDTH + PANEL_WIDTH * len(panels), 1.35 + ROW_HEIGHT * rows, leaking=leaking)
    every: Any = figure.subplots(1, len(panels), sharey=True, squeeze=False)
    for place, (axes, panel) in enumerate(zip(every[0], panels, strict=True)):
        _draw(axes, panel, place)
    names = [wrapped(bar.title, LONGEST_LINE) for bar in panels[0].bars]
    every[0][0].set_yticks(range(rows), names, fontsize=8.5)
    every[0][0].set_ylim(rows - 0.4, -0.6)
    every[0][0].set_ylabel(title)
    _explain(figure, panels, over)
    return figure


def _draw(axes: Axes, panel: Panel, place: int) -> None:
    known = [(row, bar) for row, bar in enumerate(panel.bars) if bar.mean is not None]
    axes.barh(
        [row for row, _ in known],
        [bar.mean or 0.0 for _, bar in known],
        height=BAR_HEIGHT,
        facecolor=class_colour(place),
        edgecolor="#ffffff",
        linewidth=0,
        hatch=class_hatch(place),
        alpha=0.75,
    )
    end = panel.end or 1.08 * _largest(panel)
    axes.set_xlim(0, end)
    for row, bar in enumerate(panel.bars):
        _draw_marks(axes, row, bar)
        axes.text(end * 1.02, row, _words(bar), va="center", fontsize=8, clip_on=False)
    axes.tick_params(axis="y", length=0)
    axes.grid(visible=False, axis="y")
    axes.set_title(panel.title)


def _draw_marks(axes: Axes, row: int, bar: Bar) -> None:
    if bar.low is not None and bar.high is not None:
        axes.plot([bar.low, bar.high], [row, row], color=INK, linewidth=1.4, solid_capstyle="butt")
        axes.plot([bar.low, bar.high], [row, row], color=INK, marker="|", markersize=7, linewidth=0)
    axes.plot(
        bar.runs,
        [row] * len(bar.runs),
        marker="o",
        markersize=4,
        linewidth=0,
        markerfacecolor=PAPER,
        markeredgecolor=INK,
        markeredgewidth=0.8,
    )
    if bar.published is not None:
        axes.plot(
            [bar.published], [row - 0.42], marker="D", markersize=5.5, linewidth=0, color=class_colour(3), clip_on=False
        )


def _explain(figure: Figure, panels: Sequence[Panel], over: str) -> None:
    bars = [bar for panel in panels for bar in panel.bars]
    axes = figure.axes[0]
    keys: list[Any] = []
    if any(bar.low is not None for bar in bars):
        keys += axes.plot([], [], color=INK, linewidth=1.4, label=INTERVAL.replace("runs", over))
    dot = RUNS if over == "runs" else FOLD
    keys += axes.plot(
        [], [], marker="o", markersize=4, linewidth=0, markerfacecolor=PAPER, markeredgecolor=INK, label=dot
    )
    if any(bar.published is not None for bar in bars):
        keys += axes.plot([], [], marker="D", markersize=5.5, linewidth=0, color=class_colour(3), label=PUBLISHED)
    figure.legend(handles=keys, loc="outside lower center", ncols=len(keys))


def _words(bar: Bar) -> str:
    if bar.mean is None:
        return "no run"
    if bar.low is None or bar.high is None:
        return f"{bar.mean:.3f}"
    return f"{bar.mean:.3f}\n({bar.low:.2f} to {bar.high:.2f})"


def _largest(panel: Panel) -> float:
    values = [value for bar in panel.bars for value in (bar.mean, bar.high, bar.published, *bar.runs)]
    return max([value for value in values if value is not None], default=1.0)
