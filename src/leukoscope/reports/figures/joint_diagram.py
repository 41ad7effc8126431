"""A joint model drawn: its branches side by side, and what is made of their features from top to bottom."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from leukoscope.reports.figures.style import MUTED, new_figure, styled

WIDE, TALL = 2.7, 0.74
"""Width of a branch and height of a row, in inches."""
NARROWEST = 4.4
HIGH, GAP = 0.64, 0.12
"""Height of a box, and what is left free at each side of a branch, in rows and columns."""
LAYERS = {"norm": "batch normalisation", "dense": "dense, ReLU"}


@styled
def joint_diagram(plan: Mapping[str, Any], *, leaking: bool = False) -> Figure:
    """Draw a joint model.

    Args:
        plan: ``joint.json``, as ``models.joint_plan`` makes it.
        leaking: Whether the split leaks.
    """
    branches, rows = plan["branches"], layer_rows(plan)
    figure = new_figure(max(NARROWEST, WIDE * len(branches)), TALL * (len(rows) + 2), leaking=leaking)
    axes = figure.add_subplot()
    axes.set_xlim(0, len(branches))
    axes.set_ylim(-len(rows) - 1.4, 0.4)
    axes.set_axis_off()
    middle = len(branches) / 2
    given = ("one cell, framed", "each branch normalises the pixels as its weights want it")
    _box(axes, (middle, 0), len(branches), given)
    for place, branch in enumerate(branches):
        _box(axes, (place + 0.5, -1), 1, branch_words(branch), faint=not branch["trained"])
        _arrow(axes, place + 0.5, 0)
        _arrow(axes, place + 0.5, -1, f"{branch['features']:,}")
    for row, words in enumerate(rows):
        _box(axes, (middle, -2 - row), len(branches), words)
        if row:
            _arrow(axes, middle, -1 - row)
    return figure


def branch_words(branch: Mapping[str, Any]) -> tuple[str, str]:
    """Return what stands in a branch's box: its name and network, its parameters and whether they learn.

    Example:
        >>> branch = {"name": "A", "backbone": "resnet18", "cut": "layer3", "parameters": 2782784, "trained": 0}
        >>> branch_words(branch)
        ('A: resnet18 up to layer3', '2,782,784 parameters, frozen')
    """
    cut = f" up to {branch['cut']}" if branch["cut"] else ""
    parameters, trained = branch["parameters"], branch["trained"]
    learns = "frozen" if not trained else "trained" if trained == parameters else f"{trained:,} trained"
    return f"{branch['name']}: {branch['backbone']}{cut}", f"{parameters:,} parameters, {learns}"


def layer_rows(plan: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the boxes beneath the branches, from top to bottom: a title, and what stands beneath it."""
    several = [layer_words(layer) for layer in plan["layers"]]
    return [(f"{plan['features']:,} pooled features, one branch behind the other", ""), *several]


def layer_words(layer: Mapping[str, Any]) -> tuple[str, str]:
    """Return what stands in a layer's box.

    Example:
        >>> layer_words({"kind": "dense", "width": 1024, "dropout": 0.6, "parameters": 2098176})
        ('dense, ReLU: 1,024, dropout 0.6', '2,098,176 parameters')
        >>> layer_words({"kind": "output", "width": 1, "dropout": 0.0, "parameters": 1025})
        ('one logit: of two classes the positive one', '1,025 parameters')
    """
    beneath = f"{layer['parameters']:,} parameters" if layer["parameters"] else ""
    if layer["kind"] == "output":
        one = layer["width"] == 1
        return ("one logit: of two classes the positive one" if one else f"{layer['width']} logits, softmax"), beneath
    width = f": {layer['width']:,}" if layer["width"] else ""
    dropped = f", dropout {layer['dropout']:g}" if layer["dropout"] else ""
    return LAYERS.get(layer["kind"], layer["kind"]) + width + dropped, beneath


def _box(axes: Axes, centre: tuple[float, float], wide: float, words: tuple[str, str], *, faint: bool = False) -> None:
    (across, down), (title, beneath) = centre, words
    corner = (across - wide / 2 + GAP / 2, down - HIGH / 2)
    line: dict[str, Any] = {"edgecolor": MUTED, "linewidth": 1.0, "linestyle": "--" if faint else "-"}
    axes.add_patch(Rectangle(corner, wide - GAP, HIGH, facecolor="none", **line))
    lift = 0.14 if beneath else 0.0
    axes.text(across, down + lift, title, ha="center", va="center", fontweight="bold", fontsize=8.5)
    if beneath:
        axes.text(across, down - 0.16, beneath, ha="center", va="center", fontsize=7.5, color=MUTED)


def _arrow(axes: Axes, across: float, row: float, words: str = "") -> None:
    """Draw an arrow from a row to the one beneath, with a word beside it."""
    start, stop = row - HIGH / 2, row - 1 + HIGH / 2
    look = {"arrowstyle": "->", "color": MUTED, "linewidth": 1.0, "shrinkA": 0, "shrinkB": 0}
    axes.annotate("", xy=(across, stop), xytext=(across, start), arrowprops=look)
    if words:
        axes.text(across + 0.04, (start + stop) / 2, words, va="center", fontsize=7.5, color=MUTED)
