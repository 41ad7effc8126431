"""What training looked like: the loss, and the validation part's scores, epoch by epoch."""

from __future__ import annotations

from typing import Any

import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from leukoscope.reports.figures.style import COLOURS, FAINT, INK, LINES, MARKERS, NARROW, new_figure, styled
from leukoscope.reports.words import metric_title

LOSSES = {"loss": "training part", "validation_loss": "validation part"}
SCORES = ("roc_auc", "weighted_f1", "balanced_accuracy", "accuracy", "macro_f1")
MOST_CURVES = 4
FEW_EPOCHS = 40


@styled
def loss_curves(history: pl.DataFrame, *, best_epoch: int | None = None, leaking: bool = False) -> Figure:
    """Draw the loss of the training and, where it is noted, of the validation part.

    Args:
        history: ``history.csv``: ``epoch``, ``loss``, ``validation_loss`` and ``stage`` where there are any.
        best_epoch: The epoch whose weights were kept.
        leaking: Whether the split leaks.
    """
    named = {column: title for column, title in LOSSES.items() if _noted(history, column)}
    return _curves(history, named, "loss (smaller is better)", best_epoch, leaking=leaking)


@styled
def score_curves(
    history: pl.DataFrame, *, best_epoch: int | None = None, chosen_by: str | None = None, leaking: bool = False
) -> Figure:
    """Draw up to four of the validation part's scores.

    Args:
        history: ``history.csv``: ``epoch`` and columns ``validation_<metric>``.
        best_epoch: The epoch whose weights were kept.
        chosen_by: The metric that it was chosen by; it comes first.
        leaking: Whether the split leaks.
    """
    named = {f"validation_{name}": metric_title(name) for name in scores_noted(history, chosen_by)}
    return _curves(history, named, "validation score", best_epoch, leaking=leaking)


def scores_noted(history: pl.DataFrame, chosen_by: str | None) -> list[str]:
    """Return the names of the scores that ``score_curves`` draws; the loss, which has its own figure, is none.

    Args:
        history: ``history.csv``.
        chosen_by: The metric that the epoch was chosen by; it comes first where it has values.
    """
    wanted = dict.fromkeys(name for name in (chosen_by, *SCORES) if name not in {None, "loss"})
    return [str(name) for name in wanted if _noted(history, f"validation_{name}")][:MOST_CURVES]


def _curves(history: pl.DataFrame, named: dict[str, str], up: str, best_epoch: int | None, *, leaking: bool) -> Figure:
    figure = new_figure(NARROW, 3.6, leaking=leaking)
    axes = figure.add_subplot()
    few = history.height <= FEW_EPOCHS
    for place, (column, title) in enumerate(named.items()):
        marker: dict[str, Any] = {"marker": MARKERS[place], "markersize": 4.5} if few else {}
        look: dict[str, Any] = {"color": COLOURS[place], "linestyle": LINES[place % len(LINES)], "label": title}
        axes.plot(history["epoch"], history[column].cast(pl.Float64), **look, **marker)
    _mark_stages(axes, history)
    if best_epoch is not None:
        axes.axvline(best_epoch, color=INK, linewidth=1, linestyle=(0, (2, 2)), label=f"epoch kept: {best_epoch}")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    axes.set_xlabel("epoch")
    axes.set_ylabel(up)
    figure.legend(loc="outside lower left", ncols=2)
    return figure


def _noted(history: pl.DataFrame, column: str) -> bool:
    """Return whether a column has values; one that is empty throughout is read from csv as text."""
    return column in history.columns and history[column].null_count() < history.height


def _mark_stages(axes: Axes, history: pl.DataFrame) -> None:
    """Shade every second stage, so that one sees where the settings changed."""
    if "stage" not in history.columns:
        return
    spans = history.group_by("stage", maintain_order=True).agg(
        pl.col("epoch").min().alias("a"), pl.col("epoch").max().alias("b")
    )
    for place, (_, first, last) in enumerate(spans.iter_rows()):
        if place % 2 == 1:
            axes.axvspan(first - 0.5, last + 0.5, color=FAINT, alpha=0.3, linewidth=0)
