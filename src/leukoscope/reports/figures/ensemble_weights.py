"""How much each model weighs in an ensemble, rule by rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.figure import Figure

from leukoscope.reports.figures.style import class_colour, class_hatch, new_figure, styled, wrapped

PANEL_WIDTH, NAMES_WIDTH, ROW_HEIGHT, LONGEST_LINE = 2.3, 1.5, 0.42, 24


@styled
def ensemble_weights(members: Sequence[str], rules: Mapping[str, Sequence[float]], *, leaking: bool = False) -> Figure:
    """Draw a panel a rule with a bar a model; all begin at 0 and end at 1, so that lengths can be compared.

    Args:
        members: The models' names, from top to bottom.
        rules: Each rule's weights by its title, in the order of the models.
        leaking: Whether a split leaks.
    """
    rows = len(members)
    figure = new_figure(NAMES_WIDTH + PANEL_WIDTH * len(rules), 0.95 + ROW_HEIGHT * rows, leaking=leaking)
    every: Any = figure.subplots(1, len(rules), sharey=True, squeeze=False)[0]
    for place, (axes, (title, weights)) in enumerate(zip(every, rules.items(), strict=True)):
        look: dict[str, Any] = {"facecolor": class_colour(place), "hatch": class_hatch(place), "edgecolor": "#ffffff"}
        axes.barh(range(rows), weights, height=0.66, linewidth=0, alpha=0.75, **look)
        for row, weight in enumerate(weights):
            axes.text(weight + 0.03, row, f"{weight:.2f}", va="center", fontsize=8)
        axes.set_xlim(0, 1.18)
        axes.set_xticks([0, 0.5, 1], ["0", "0.5", "1"])
        axes.tick_params(axis="y", length=0)
        axes.grid(visible=False, axis="y")
        axes.set_title(title)
        axes.set_xlabel("weight")
    every[0].set_yticks(range(rows), [wrapped(name, LONGEST_LINE) for name in members], fontsize=8.5)
    every[0].set_ylim(rows - 0.4, -0.6)
    return figure
