"""How a patient's normalised logits are spread, and the sigmoid weight that ``bn_sigmoid`` lays over them."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from leukoscope.reports.figures.style import MUTED, class_colour, class_line, new_figure, styled

WIDTH, HEIGHT = 3.3, 2.5
LONGEST_NAME = 24
DISTRIBUTION, WEIGHT = 5, 1


@styled
def bag_weights(table: pl.DataFrame, titles: Mapping[str, str], *, leaking: bool = False) -> Figure:
    """Draw one panel a patient: bars for the share of the logits, a line for what each weighs.

    Args:
        table: ``patient``, ``label``, ``low``, ``high``, ``share``, ``weight``: a row a patient and bin.
        titles: Title of each class.
        leaking: Whether the split leaks.
    """
    patients = table["patient"].unique(maintain_order=True).to_list()
    columns = min(len(patients), 2)
    rows = -(-len(patients) // columns)
    figure = new_figure(WIDTH * columns, HEIGHT * rows + 0.2, leaking=leaking)
    panels = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True)
    for place, panel in enumerate(panels.flat):
        if place >= len(patients):
            panel.set_visible(False)
            continue
        own = table.filter(pl.col("patient") == patients[place])
        label = own["label"][0]
        said = f"{_short(patients[place])}{f': {titles.get(label, label)}' if label is not None else ''}"
        _panel(panel, own, said, edge=(place % columns == 0, place + columns >= len(patients)))
    return figure


def _panel(axes: Axes, own: pl.DataFrame, title: str, *, edge: tuple[bool, bool]) -> None:
    low, high = own["low"].to_numpy(), own["high"].to_numpy()
    axes.bar(low, own["share"].to_numpy(), width=high - low, align="edge", color=class_colour(DISTRIBUTION), zorder=2)
    axes.set_title(title, fontsize=9)
    axes.grid(visible=False, axis="x")
    if edge[1]:
        axes.set_xlabel("normalised logit")
    if edge[0]:
        axes.set_ylabel("share of the logits")
    over = axes.twinx()
    over.plot((low + high) / 2, own["weight"].to_numpy(), color=class_colour(WEIGHT), linestyle=class_line(0), zorder=3)
    over.set_ylim(0, 1.02)
    over.set_yticks([0, 0.5, 1], ["0", "0.5", "1"])
    over.set_ylabel("weight", color=MUTED)
    over.grid(visible=False)


def _short(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"
