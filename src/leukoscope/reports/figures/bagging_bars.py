"""What bagged models see of each class, one model or several: which part as it is, which as changed copies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from leukoscope.reports.figures.style import FIXED_INK, class_colour, class_hatch, new_figure, styled, wrapped

WIDTH, ROW_HEIGHT, LONGEST_LINE = 7.4, 0.72, 20
FOOT, GROUP_HEIGHT = 0.85, 0.4
"""Inches: of the axis with its key, and of what each group needs beside its bars."""
NARROWEST = 0.09
"""The share of the longest bar that a segment needs for its words."""
WHOLE, COPIES = "whole cells, as they are", "changed copies"

Bars = dict[str, list[Mapping[str, Any]]]
"""The rows of each class by its title."""


@styled
def bagging_bars(rows: Sequence[Mapping[str, Any]], *, leaking: bool = False) -> Figure:
    """Draw a bar a class, of the divided one with a segment a part; what is seen as it is, and what as changed copies.

    Args:
        rows: ``title`` of the class, ``part`` (None where it is not divided), ``whole`` and ``copies``, cells; rows of
            one class follow each other.
        leaking: Whether a split leaks.
    """
    return bagging_groups({"": rows}, leaking=leaking)


@styled
def bagging_groups(models: Mapping[str, Sequence[Mapping[str, Any]]], *, leaking: bool = False) -> Figure:
    """Draw the bars of several models, a group a model, all to one scale.

    Args:
        models: The rows of each model by its name, as ``bagging_bars`` takes them.
        leaking: Whether a split leaks.
    """
    bars = {name: _bars(rows) for name, rows in models.items()}
    numbers = [len(of_model) for of_model in bars.values()]
    figure = new_figure(WIDTH, FOOT + sum(GROUP_HEIGHT + ROW_HEIGHT * number for number in numbers), leaking=leaking)
    panels = figure.subplots(len(bars), 1, sharex=True, squeeze=False, height_ratios=numbers)[:, 0]
    longest = max(_length(rows) for of_model in bars.values() for rows in of_model.values())
    for axes, (name, of_model) in zip(panels, bars.items(), strict=True):
        axes.set_title(name)
        _draw_group(axes, of_model, longest)
    panels[-1].set_xlabel("cells that an epoch sees")
    keys = [panels[-1].barh([0], [0], label=words, **_look(copies)) for copies, words in enumerate((WHOLE, COPIES))]
    figure.legend(handles=keys, loc="outside lower center", ncols=2)
    return figure


def _bars(rows: Sequence[Mapping[str, Any]]) -> Bars:
    titles = dict.fromkeys(row["title"] for row in rows)
    return {title: [row for row in rows if row["title"] == title] for title in titles}


def _length(rows: Sequence[Mapping[str, Any]]) -> int:
    return sum(row["whole"] + row["copies"] for row in rows)


def _draw_group(axes: Axes, bars: Bars, longest: int) -> None:
    """Draw a bar a class."""
    for place, rows in enumerate(bars.values()):
        _draw(axes, place, rows, longest)
    axes.set_yticks(range(len(bars)), [wrapped(title, LONGEST_LINE) for title in bars])
    axes.set_ylim(len(bars) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.grid(visible=False, axis="y")


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
