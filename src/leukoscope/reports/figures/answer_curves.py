"""What shares of answers stay below each probability, at home and here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.figure import Figure

from leukoscope.reports.figures.style import MUTED, class_colour, class_line, new_figure, styled

PANEL, HEIGHT = 3.6, 3.6
Curve = Sequence[tuple[float, float]]


@styled
def answer_curves(
    panels: Mapping[str, Mapping[str, Curve]], *, threshold: float | None = None, leaking: bool = False
) -> Figure:
    """Draw a panel a kind of probability: a rising line a part, the share of answers that do not exceed each value.

    Args:
        panels: Of each title, of each part's title its curve: pairs of value and share, rising.
        threshold: The operating threshold, marked in the first panel; None for none.
        leaking: Whether the bundle's split leaks.
    """
    figure = new_figure(PANEL * len(panels) + 0.3, HEIGHT, leaking=leaking)
    every: Any = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
    for axes, (title, parts) in zip(every, panels.items(), strict=True):
        for place, (name, curve) in enumerate(parts.items()):
            across, up = zip(*curve, strict=True)
            axes.plot(across, up, color=class_colour(place), linestyle=class_line(place), label=name)
        axes.set_title(title, fontsize=9)
        axes.set_xlim(-0.02, 1.02)
        axes.set_ylim(-0.02, 1.02)
        axes.set_xlabel("probability")
    if threshold is not None:
        every[0].axvline(threshold, color=MUTED, linewidth=1.0, linestyle=(0, (4, 3)), label="threshold")
    every[0].set_ylabel("share of answers up to it")
    handles, labels = every[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=len(labels))
    return figure
