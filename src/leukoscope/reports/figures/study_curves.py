"""What the runs of a study did epoch by epoch on validation: one small panel a metric, a line a variant."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from leukoscope.reports.figures.style import INK, class_colour, class_line, class_marker, new_figure, styled, wrapped

MOST_LINES = 3
"""More bands than these cover each other."""
MOST_PANELS = 9
COLUMNS = 3
PANEL_WIDTH, PANEL_HEIGHT = 3.0, 2.15
LEGEND_HEIGHT = 0.8
MOST_MARKERS = 10
LONGEST_NAME = 34
THIN, THICK = 0.8, 1.8
BEYOND = 0.04


@dataclass(frozen=True)
class Course:
    """One variant's course of one metric.

    Args:
        title: What makes the variant, in words.
        place: The variant's place among all of the study; it gives the look.
        epochs: The epochs, in order.
        means: Over runs, one an epoch.
        deviations: One an epoch; None where a single run was left.
        runs: Of how many runs each mean is.
    """

    title: str
    place: int
    epochs: tuple[int, ...]
    means: tuple[float, ...]
    deviations: tuple[float | None, ...]
    runs: tuple[int, ...]


@dataclass(frozen=True)
class CoursePanel:
    """One metric of all variants.

    Args:
        title: The metric's name.
        courses: One a variant that has the metric, at most ``MOST_LINES``.
        ends: The smallest and the largest value that the metric can have.
    """

    title: str
    courses: tuple[Course, ...]
    ends: tuple[float, float] = (-math.inf, math.inf)


@styled
def study_curves(panels: Sequence[CoursePanel], *, leaking: bool = False) -> Figure:
    """Draw the mean over runs with a band of one deviation to either side.

    A line is thin where fewer runs are behind it than elsewhere: some had ended, or the metric was not defined.
    Variants differ in line and marker besides their colour.

    Args:
        panels: The metrics, at most ``MOST_PANELS``.
        leaking: Whether a split leaks.
    """
    columns = min(COLUMNS, len(panels))
    rows = math.ceil(len(panels) / columns)
    figure = new_figure(PANEL_WIDTH * columns + 0.3, PANEL_HEIGHT * rows + LEGEND_HEIGHT, leaking=leaking)
    every: Any = figure.subplots(rows, columns, sharex=True, squeeze=False)
    grid = every.ravel()
    for axes, panel in zip(grid, panels, strict=False):
        _draw(axes, panel)
    for axes in grid[len(panels) :]:
        axes.set_visible(False)
    _label_epochs(grid, len(panels), columns)
    handles = {label: handle for axes in grid for handle, label in zip(*axes.get_legend_handles_labels(), strict=True)}
    figure.legend(handles.values(), handles.keys(), loc="outside lower center", ncols=min(len(handles), COLUMNS))
    return figure


def _draw(axes: Axes, panel: CoursePanel) -> None:
    for course in panel.courses:
        _draw_course(axes, course)
    _keep_within(axes, panel.ends)
    axes.set_title(panel.title)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))


def _keep_within(axes: Axes, ends: tuple[float, float]) -> None:
    """Cut the axis where a band reaches beyond what the metric can be, a little wider so that lines are seen whole."""
    low, high = axes.get_ylim()
    room = BEYOND * (min(high, ends[1]) - max(low, ends[0]))
    axes.set_ylim(max(low, ends[0] - room), min(high, ends[1] + room))


def _draw_course(axes: Axes, course: Course) -> None:
    epochs, means = np.array(course.epochs), np.array(course.means)
    look: dict[str, Any] = {"color": class_colour(course.place), "linestyle": class_line(course.place)}
    axes.plot(epochs, means, linewidth=THIN, **look)
    of_all = np.array(course.runs) == max(course.runs)
    label = wrapped(course.title, LONGEST_NAME)
    axes.plot(epochs, np.where(of_all, means, np.nan), linewidth=THICK, label=label, **look, **_marked(course))
    spreads = np.array(course.deviations, dtype=float)
    if not np.isnan(spreads).all():
        axes.fill_between(epochs, means - spreads, means + spreads, color=look["color"], alpha=0.16, linewidth=0)


def _marked(course: Course) -> dict[str, Any]:
    every = max(1, math.ceil(len(course.epochs) / MOST_MARKERS))
    return {
        "marker": class_marker(course.place),
        "markersize": 4.5,
        "markeredgecolor": INK,
        "markeredgewidth": 0.5,
        # Each variant's markers begin elsewhere, so that lines that lie on each other do not hide them.
        "markevery": (course.place % every, every),
    }


def _label_epochs(grid: Sequence[Axes], number: int, columns: int) -> None:
    """Write the epochs below the lowest panel of each column, also where the last row is not full."""
    for place in range(max(0, number - columns), number):
        grid[place].set_xlabel("epoch")
        grid[place].tick_params(axis="x", labelbottom=True)
