"""The course of a genetic search: the best and the mean fitness of each generation."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from leukoscope.reports.figures.style import COLOURS, INK, LINES, MUTED, new_figure, styled


@styled
def genetic_course(
    best: Sequence[Sequence[float]],
    mean: Sequence[Sequence[float]],
    *,
    chosen: int,
    equal: float | None = None,
    leaking: bool = False,
) -> Figure:
    """Draw the search that found the weights, the others pale behind it.

    Args:
        best: The largest fitness up to each generation, a list a search.
        mean: The mean fitness of each generation, likewise.
        chosen: The place of the search that found the weights.
        equal: The fitness of equal weights; None where it is not known.
        leaking: Whether a split leaks.
    """
    figure = new_figure(6.6, 3.5, leaking=leaking)
    axes = figure.add_subplot()
    others = [values for place, values in enumerate(best) if place != chosen]
    for place, values in enumerate(others):
        axes.plot(values, color=MUTED, linewidth=0.8, alpha=0.6, label=None if place else "best, other searches")
    axes.plot(best[chosen], color=COLOURS[0], linestyle=LINES[0], linewidth=2.2, label="best so far")
    axes.plot(mean[chosen], color=COLOURS[1], linestyle=LINES[1], label="mean of the generation")
    if equal is not None:
        axes.axhline(equal, color=INK, linewidth=1, linestyle=(0, (2, 2)), label="equal weights")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    axes.ticklabel_format(axis="y", useOffset=False)
    axes.set_xlabel("generation")
    axes.set_ylabel("weighted F1 (validation part)")
    figure.legend(loc="outside lower left", ncols=2)
    return figure
