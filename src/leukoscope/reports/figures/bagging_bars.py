"""What one of several bagged models sees of each class: which part as it is, which as changed copies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from leukoscope.reports.figures.style import FIXED_INK, class_colour, class_hatch, new_figure, styled, wrapped

WIDTH, ROW_HEIGHT, LONGEST_LINE = 7.4, 0.72, 20
NARROWEST = 0.09
"""The share of the longest bar that a segment needs for its words."""
WHOLE, COPIES = "as they are", "changed copies"


@styled
def bagging_bars(rows: Sequence[Mapping[str, Any]], *, leaking: bool = False) -> Figure:
    """Draw a bar a class, of the divided one with a segment a part; what is seen as it is, and what as changed copies.

    Args:
        rows: ``title`` of the class, ``part`` (None where it is not divided), ``whole`` and ``copies``, cells; rows of
            one class follow each other.
        leaking: Whether a split leaks.
    """
    titles = list(dict.fromkeys(row["title"] for row in rows))
    figure = new_figure(WIDTH, 1.25 + ROW_HEIGHT * len(titles), leaking=leaking)
    axes = figure.add_subplot()
    longest = max(sum(row["whole"] + row["copies"] for row in rows if row["title"] == title) for title in titles)
    for place, title in enumerate(titles):
        _draw(axes, place, [row for row in rows if row["title"] == title], longest)
    axes.set_yticks(range(len(titles)), [wrapped(title, LONGEST_LINE) for title in titles])
    axes.set_ylim(len(titles) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.grid(visible=False, axis="y")
    axes.set_xlabel("cells that an epoch sees")
    keys = [axes.barh([0], [0], label=words, **_look(copies)) for copies, words in enumerate((WHOLE, COPIES))]
    figure.legend(handles=keys, loc="outside lower center", ncols=2)
    return figure


def _draw(axes: Axes, place: int, rows: Sequence[Mapping[str, Any]], longest: int) -> None:
    """Draw the segments of one class, one behind the other."""
    start = 0
    for row in rows:
        for copies, count in enumerate((row["whole"], row["copies"])):
            if count:
                axes.barh([place], [count], left=start, height=0.66, linewidth=1, **_look(copies))
            if count >= NARROWEST * longest:
                box = {"facecolor": "#ffffff", "linewidth": 0, "pad": 1.5}
                words = f"{count:,}" if row["part"] is None else f"part {row['part']}\n{count:,}"
                axes.text(
                    start + count / 2, place, words, ha="center", va="center", fontsize=8, color=FIXED_INK, bbox=box
                )
            start += count


def _look(copies: int) -> dict[str, Any]:
    return {"facecolor": class_colour(copies), "hatch": class_hatch(copies), "edgecolor": "#ffffff", "alpha": 0.75}
