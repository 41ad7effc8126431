"""How often several are right where they are so sure, before calibration and after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.figure import Figure

from leukoscope.reports.figures.style import MUTED, class_colour, class_line, class_marker, new_figure, styled

PANEL, HEIGHT, LEGEND_ROW = 3.6, 3.9, 0.2
FEWEST = 5
Bins = Sequence[Mapping[str, Any]]


@styled
def reliability(states: Mapping[str, Mapping[str, Bins]], *, chance: float, leaking: bool = False) -> Figure:
    """Draw a panel a state: the share that was right against the highest probability, bin by bin.

    A point's size grows with the rows in its bin; a bin of fewer than five is left out, for it says little. Below the
    diagonal a model is surer than it is right.

    Args:
        states: Of each panel's title, of each model's title its bins: ``mean_probability``, ``share_right``, ``cells``.
        chance: The least that a highest probability can be: one over the number of classes.
        leaking: Whether a split leaks.
    """
    names = list(next(iter(states.values())))
    figure = new_figure(PANEL * len(states), HEIGHT + LEGEND_ROW * len(names), leaking=leaking)
    every: Any = figure.subplots(1, len(states), sharey=True, squeeze=False)[0]
    for axes, (title, models) in zip(every, states.items(), strict=True):
        axes.plot([0, 1], [0, 1], color=MUTED, linewidth=1.1, linestyle=(0, (4, 3)), label="as sure as it is right")
        for place, name in enumerate(names):
            _draw(axes, models.get(name, []), place, name)
        axes.set_title(title)
        axes.set_xlabel("how sure it was (highest probability)")
        axes.set_xlim(chance - 0.02, 1.02)
        axes.set_ylim(-0.02, 1.02)
    every[0].set_ylabel("how often it was right")
    handles, labels = every[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower left")
    return figure


def _draw(axes: Any, bins: Bins, place: int, name: str) -> None:  # noqa: ANN401 - matplotlib's axes
    total = sum(one["cells"] for one in bins) or 1
    bins = [one for one in bins if one["cells"] >= FEWEST]
    across, up = [one["mean_probability"] for one in bins], [one["share_right"] for one in bins]
    look: dict[str, Any] = {"color": class_colour(place), "linestyle": class_line(place)}
    axes.plot(across, up, marker=class_marker(place), markersize=4, label=name, **look)
    sizes = [12 + 160 * one["cells"] / total for one in bins]
    axes.scatter(across, up, s=sizes, color=class_colour(place), alpha=0.3, linewidths=0)
