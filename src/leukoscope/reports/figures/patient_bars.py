"""Patient by patient: the share of each one's cells that were called right."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from leukoscope.reports.figures.style import INK, NARROW, class_colour, class_hatch, new_figure, styled

# More rows than these would not fit on a printed page; the rest go into further figures.
MOST_ROWS = 32
LONGEST_NAME = 18
MIXED = "patients with cells of several classes"


@dataclass(frozen=True)
class PatientBlock:
    """Patients that stand in one figure: of one class, the worst first.

    Args:
        title: The class's title, with the figure's number where there are several.
        place: The class's place among the classes; the number of classes for patients without one class.
        rows: Rows of ``by_patient``.
    """

    title: str
    place: int
    rows: tuple[dict[str, Any], ...]


def patient_blocks(part: dict[str, Any]) -> list[PatientBlock]:
    """Divide the patients into figures of at most 32 rows, class by class, the worst first.

    Args:
        part: A part of ``scores.json`` with ``classes``, ``titles`` and ``by_patient``.
    """
    blocks = []
    for place, label in enumerate([*part["classes"], None]):
        rows = [row for row in part["by_patient"] if row["label"] == label]
        rows.sort(key=lambda row: (row["share_right"], row["patient"]))
        title = MIXED if label is None else part["titles"][place]
        blocks += [PatientBlock(title + number, place, chunk) for number, chunk in in_chunks(rows)]
    return blocks


@styled
def patient_bars(block: PatientBlock, *, leaking: bool = False) -> Figure:
    """Draw one bar a patient: colour and hatch are the class's, the whisker is the interval where there is one.

    Beside the bar stands how many of how many cells were right, and a cross where the patient's own call was wrong.

    Args:
        block: What ``patient_blocks`` returned.
        leaking: Whether the split leaks.
    """
    count = len(block.rows)
    figure = new_figure(NARROW, 0.95 + 0.2 * count, leaking=leaking)
    axes = figure.add_subplot()
    colour = class_colour(block.place)
    axes.barh(
        range(count),
        [row["share_right"] for row in block.rows],
        height=0.74,
        facecolor=colour,
        edgecolor="#ffffff",
        linewidth=0,
        hatch=class_hatch(block.place),
    )
    draw_whiskers(axes, block.rows)
    for place, row in enumerate(block.rows):
        axes.text(1.03, place, right_words(row), va="center", fontsize=8, clip_on=False)
    _label(axes, block)
    return figure


def draw_whiskers(axes: Axes, rows: Iterable[dict[str, Any]]) -> None:
    """Draw the interval of each patient that has one.

    Args:
        axes: Where the bars are, the first at 0.
        rows: ``low`` and ``high`` of each patient, from 0 to 1 or None.
    """
    for place, row in enumerate(rows):
        if row.get("low") is not None and row.get("high") is not None:
            axes.plot([row["low"], row["high"]], [place, place], color=INK, linewidth=1.1, solid_capstyle="butt")


def right_words(row: dict[str, Any]) -> str:
    """Return what stands beside a patient's bar.

    Args:
        row: The patient: ``right``, ``cells``, ``label``, ``called``.

    Example:
        >>> right_words({"right": 3, "cells": 9, "label": "hem", "called": "all"})
        '3 of 9  ✗'
    """
    wrong = row["label"] is not None and row.get("called") not in {None, row["label"]}
    return f"{row['right']:,} of {row['cells']:,}{'  ✗' if wrong else ''}"


def _label(axes: Axes, block: PatientBlock) -> None:
    axes.set_xlim(0, 1)
    axes.set_ylim(len(block.rows) - 0.4, -0.6)
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", "25", "50", "75", "100 %"])
    axes.set_yticks(range(len(block.rows)), [short_name(row["patient"]) for row in block.rows], fontsize=8)
    axes.tick_params(axis="y", length=0)
    axes.grid(visible=False, axis="y")
    axes.set_xlabel("cells called right")
    axes.set_title(block.title)


def short_name(name: str) -> str:
    """Return a patient's name, without its middle where it is long."""
    if len(name) <= LONGEST_NAME:
        return name
    return f"{name[: LONGEST_NAME // 2]}…{name[-LONGEST_NAME // 2 + 1 :]}"


def in_chunks(rows: list[dict[str, Any]]) -> list[tuple[str, tuple[dict[str, Any], ...]]]:
    """Return equally long pieces of at most 32 rows, each with what to add to the title where there are several."""
    if not rows:
        return []
    pieces = ceil(len(rows) / MOST_ROWS)
    length = ceil(len(rows) / pieces)
    numbers = [""] if pieces == 1 else [f" ({piece + 1} of {pieces})" for piece in range(pieces)]
    return [(number, tuple(rows[piece * length : (piece + 1) * length])) for piece, number in enumerate(numbers)]
