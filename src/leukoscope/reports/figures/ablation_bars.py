"""The model beside the facts alone: one bar each, with its interval."""

from __future__ import annotations

from typing import Any

from matplotlib.figure import Figure

from leukoscope.reports.figures.style import COLOURS, INK, MUTED, class_hatch, new_figure, styled, wrapped

WIDTH = 6.4
LONGEST_LINE = 26
CHANCE = 0.5


@styled
def ablation_bars(rows: list[dict[str, Any]], *, leaking: bool = False) -> Figure:
    """Draw one bar a row from 0.5, which is chance, to its ROC AUC; the line is the interval.

    Args:
        rows: ``ablations`` of ``scores.json`` that have a ROC AUC: ``title``, ``model`` (the run's own, in another
            colour and hatch), ``scores``.
        leaking: Whether the split leaks.
    """
    figure = new_figure(WIDTH, 0.8 + 0.42 * len(rows), leaking=leaking)
    axes = figure.add_subplot()
    found = [row["scores"]["roc_auc"] for row in rows]
    for place, (row, score) in enumerate(zip(rows, found, strict=True)):
        own = int(bool(row.get("model")))
        axes.barh(
            place,
            score["value"] - CHANCE,
            left=CHANCE,
            height=0.66,
            facecolor=COLOURS[own],
            edgecolor="#ffffff",
            linewidth=0,
            hatch=class_hatch(own),
        )
        said = f"{score['value']:.3f}"
        if score.get("low") is not None:
            axes.plot([score["low"], score["high"]], [place, place], color=INK, linewidth=1.2, solid_capstyle="butt")
            said += f"  ({score['low']:.3f} to {score['high']:.3f})"
        axes.text(1.02, place, said, va="center", fontsize=8, clip_on=False)
    lows = [score[name] for score in found for name in ("low", "value") if score.get(name) is not None]
    axes.set_xlim(max(min([CHANCE, *lows]) - 0.02, 0), 1)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    titles = [wrapped(str(row["title"]).replace("_", " "), LONGEST_LINE) for row in rows]
    axes.set_yticks(range(len(rows)), titles, fontsize=8)
    axes.tick_params(axis="y", length=0)
    axes.grid(visible=False, axis="y")
    axes.axvline(CHANCE, color=MUTED, linewidth=1)
    axes.set_xlabel("ROC AUC; 0.5 is chance")
    return figure
