"""How well each statistic of a picture alone tells the classes apart: the shortcuts that a network could take."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from leukoscope.reports.figures.style import INK, MUTED, class_colour, class_hatch, new_figure, styled

MOST_ROWS = 24
LONGEST_NAME = 34
WIDTH = 6.4
CHANCE = 0.5


def shown_statistics(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the statistics that the figure shows: those with an AUC, the strongest first, at most 24.

    Args:
        rows: Each with ``statistic``, ``kind``, ``auc`` (None, or left out, where it is not known), ``low``, ``high``.
    """
    known = [row for row in rows if row.get("auc") is not None]
    return sorted(known, key=lambda row: (-row["auc"], str(row["statistic"])))[:MOST_ROWS]


@styled
def shortcut_bars(rows: list[dict[str, Any]]) -> Figure:
    """Draw one bar a statistic from 0.5, which is chance, to its AUC; the whisker is the interval where there is one.

    Args:
        rows: As ``shown_statistics`` returns them; ``kind`` says what a statistic is of, and decides colour and hatch.
    """
    count = len(rows)
    figure = new_figure(WIDTH, 0.9 + 0.24 * count)
    axes = figure.add_subplot()
    kinds = list(dict.fromkeys(str(row.get("kind") or "") for row in rows))
    for kind in kinds:
        places = [place for place, row in enumerate(rows) if str(row.get("kind") or "") == kind]
        number = kinds.index(kind)
        axes.barh(
            places,
            [rows[place]["auc"] - CHANCE for place in places],
            left=CHANCE,
            height=0.72,
            facecolor=class_colour(number),
            edgecolor="#ffffff",
            linewidth=0,
            hatch=class_hatch(number),
            label=kind,
        )
    for place, row in enumerate(rows):
        _draw_interval(axes, place, row)
    _label(axes, rows)
    if len(kinds) > 1:
        axes.legend(loc="upper center", bbox_to_anchor=(0.4, -0.55 / (0.24 * count + 0.2)), ncols=min(len(kinds), 4))
    return figure


def _draw_interval(axes: Axes, place: int, row: dict[str, Any]) -> None:
    said = f"{row['auc']:.2f}"
    if row.get("low") is not None and row.get("high") is not None:
        axes.plot([row["low"], row["high"]], [place, place], color=INK, linewidth=1.1, solid_capstyle="butt")
        said += f"  ({row['low']:.2f} to {row['high']:.2f})"
    axes.text(1.02, place, said, va="center", fontsize=8, clip_on=False)


def _label(axes: Axes, rows: list[dict[str, Any]]) -> None:
    lowest = min([CHANCE, *(row[name] for row in rows for name in ("auc", "low") if row.get(name) is not None)])
    axes.set_xlim(max(lowest - 0.02, 0), 1)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_yticks(range(len(rows)), [_short(str(row["statistic"])) for row in rows], fontsize=8)
    axes.tick_params(axis="y", length=0)
    axes.grid(visible=False, axis="y")
    axes.axvline(CHANCE, color=MUTED, linewidth=1)
    axes.set_xlabel("AUC; 0.5 is chance")


def _short(name: str) -> str:
    words = name.replace("_", " ")
    return words if len(words) <= LONGEST_NAME else f"{words[: LONGEST_NAME - 1]}…"
