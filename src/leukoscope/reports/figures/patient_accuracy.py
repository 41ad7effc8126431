"""Cell accuracy by patient in one order, whatever the class: those of the negative class are marked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from leukoscope.reports.figures.patient_bars import draw_whiskers, in_chunks, right_words, short_name
from leukoscope.reports.figures.style import NARROW, class_colour, class_hatch, new_figure, styled

NEGATIVE = "\N{WHITE CIRCLE}"
SEVERAL = "cells of several classes"
Row = dict[str, Any]


def accuracy_chunks(rows: Sequence[Row]) -> list[tuple[str, tuple[Row, ...]]]:
    """Divide patients into figures of at most 32 rows.

    Args:
        rows: Patients in their order.

    Returns:
        What to add to a figure's title (empty where there is one), and its rows.
    """
    return in_chunks(list(rows))


@styled
def patient_accuracy(rows: Sequence[Row], titles: Sequence[str | None], title: str, *, leaking: bool = False) -> Figure:
    """Draw one bar a patient, in the order given; colour and hatch are the class's, a ring marks the negative class.

    Beside the bar stands how many of how many cells were right, and a cross where the patient's own call was wrong.

    Args:
        rows: Patients with ``patient``, ``label``, ``title``, ``negative``, ``cells``, ``right``, ``share_right``,
            ``low``, ``high``, ``called``.
        titles: The titles of all classes of the study; their places give the looks.
        title: The figure's.
        leaking: Whether the split leaks.
    """
    figure = new_figure(NARROW, 1.35 + 0.2 * len(rows), leaking=leaking)
    axes = figure.add_subplot()
    places = [titles.index(row["title"]) for row in rows]
    for height, (row, place) in enumerate(zip(rows, places, strict=True)):
        axes.barh(height, row["share_right"], height=0.74, linewidth=0, **_look(place))
        axes.text(1.03, height, right_words(row), va="center", fontsize=8, clip_on=False)
    draw_whiskers(axes, rows)
    _label(axes, rows, title)
    _explain(figure, rows, titles)
    return figure


def _label(axes: Axes, rows: Sequence[Row], title: str) -> None:
    axes.set_xlim(0, 1)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", "25", "50", "75", "100 %"])
    names = [short_name(row["patient"]) + (f" {NEGATIVE}" if row["negative"] else "") for row in rows]
    axes.set_yticks(range(len(rows)), names, fontsize=8)
    axes.tick_params(axis="y", length=0)
    axes.grid(visible=False, axis="y")
    axes.set_xlabel("cells called right")
    axes.set_title(title)


def _explain(figure: Figure, rows: Sequence[Row], titles: Sequence[str | None]) -> None:
    negative = {row["title"] for row in rows if row["negative"]}
    shown = [title for title in titles if any(row["title"] == title for row in rows)]
    keys = [
        Patch(label=(title or SEVERAL) + (f" {NEGATIVE}" if title in negative else ""), **_look(titles.index(title)))
        for title in shown
    ]
    figure.legend(handles=keys, loc="outside lower center", ncols=min(len(keys), 2))


def _look(place: int) -> dict[str, Any]:
    return {"facecolor": class_colour(place), "edgecolor": "#ffffff", "hatch": class_hatch(place)}
