"""How many models miss how many cells, class by class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from leukoscope.reports.figures.style import NARROW, class_colour, class_hatch, new_figure, styled

HEIGHT = 3.0
ROOM = 0.8
PER_NUMBER = 0.9
HEADROOM = 1.12


@styled
def missed_bars(counts: Sequence[tuple[str, Sequence[int]]], *, leaking: bool = False) -> Figure:
    """Draw a bar a class over each number of models: how many of its cells so many models miss.

    Cells that no model misses are left out: they would be the only bar one sees.

    Args:
        counts: The classes' titles with the cells that 1, 2, ..., m models miss, (m,) each.
        leaking: Whether the split leaks.
    """
    models = len(counts[0][1])
    figure = new_figure(max(NARROW, 1.6 + PER_NUMBER * models), HEIGHT, leaking=leaking)
    axes: Any = figure.add_subplot()
    wide = ROOM / len(counts)
    for place, (title, cells) in enumerate(counts):
        at = [number + (place - (len(counts) - 1) / 2) * wide for number in range(models)]
        bars = axes.bar(
            at,
            cells,
            width=wide * 0.92,
            facecolor=class_colour(place),
            edgecolor="#ffffff",
            linewidth=0,
            hatch=class_hatch(place),
            label=title,
        )
        axes.bar_label(bars, labels=[f"{number:,}" for number in cells], fontsize=8, padding=2)
    axes.set_ylim(0, max(1, HEADROOM * max(max(cells) for _, cells in counts)))
    axes.set_xticks(range(models), [_words(number + 1, models) for number in range(models)])
    axes.yaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    axes.tick_params(axis="x", length=0)
    axes.grid(visible=False, axis="x")
    axes.set_xlabel("models that miss the cell")
    axes.set_ylabel("cells")
    figure.legend(loc="outside lower center", ncols=2)
    return figure


def _words(number: int, models: int) -> str:
    if number < models or models == 1:
        return str(number)
    return f"all {models}" if models > 2 else "both"  # noqa: PLR2004 - a pair
