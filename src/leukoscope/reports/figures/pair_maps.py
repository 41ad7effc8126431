"""How alike every two models are: kappa of their calls, and the share of cells that both miss."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from leukoscope.reports.figures.confusion_matrix import DARKEST, PALEST, text_colour
from leukoscope.reports.figures.style import MUTED, PAPER, new_figure, styled, wrapped

FIELD = 0.66
NAMES = 1.7


@dataclass(frozen=True)
class PairMap:
    """One measure of every two models.

    Args:
        title: Its name.
        values: Value by the places of both models, the smaller first; None where it is not defined.
        least: The value of the palest field.
        most: The value of the darkest.
    """

    title: str
    values: dict[tuple[int, int], float | None]
    least: float
    most: float


@styled
def pair_maps(maps: Sequence[PairMap], models: Sequence[str], *, leaking: bool = False) -> Figure:
    """Draw a map a measure, the lower triangle of its matrix: a field a pair with its value.

    Args:
        maps: One or more.
        models: The models' names; two or more.
        leaking: Whether the split leaks.
    """
    side = FIELD * (len(models) - 1)
    figure = new_figure((NAMES + side) * len(maps) + 0.4, side + 1.6, leaking=leaking)
    every: Any = figure.subplots(1, len(maps), squeeze=False)
    for axes, one in zip(every[0], maps, strict=True):
        _draw(axes, one, models)
    return figure


def _draw(axes: Axes, one: PairMap, models: Sequence[str]) -> None:
    colours, number = mpl.colormaps["Blues"], len(models)
    for (first, second), value in one.values.items():
        words: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": 9}
        if value is None:
            axes.text(first + 0.5, second - 0.5, "n/a", color=MUTED, **words)
            continue
        share = min(max((value - one.least) / ((one.most - one.least) or 1), 0), 1)
        colour = colours(PALEST + (DARKEST - PALEST) * share)
        axes.add_patch(Rectangle((first, second - 1), 1, 1, facecolor=colour, edgecolor=PAPER))
        axes.text(first + 0.5, second - 0.5, f"{value:.2f}", color=text_colour(colour), fontweight="bold", **words)
    axes.set_xlim(0, number - 1)
    axes.set_ylim(number - 1, 0)
    axes.set_aspect("equal")
    axes.grid(visible=False)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    turned: dict[str, Any] = {"rotation": 45, "ha": "right", "rotation_mode": "anchor"}
    places = [place + 0.5 for place in range(number - 1)]
    axes.set_xticks(places, [wrapped(name, 22) for name in models[:-1]], **turned)
    axes.set_yticks(places, [wrapped(name, 22) for name in models[1:]])
    axes.set_title(one.title)
