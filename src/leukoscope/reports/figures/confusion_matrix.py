"""The confusion matrix: how many cells of each class were called what, as counts and as shares of their row."""

from __future__ import annotations

from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from leukoscope.reports.figures.style import FIXED_INK, NARROW, PAPER, new_figure, styled, wrapped
from leukoscope.reports.words import NOTHING

FEW_CLASSES = 4
SRGB_LINEAR_TO = 0.04045
# (1.05 / (y + 0.05)) equals ((y + 0.05) / (ink + 0.05)) here, the ink's luminance being 0.007.
EQUAL_CONTRAST = 0.195
# The palest tenth and the darkest tenth of the map are left out: the first is paper, the second swallows the text.
PALEST, DARKEST = 0.05, 0.9


@styled
def confusion_matrix(part: dict[str, Any], *, leaking: bool = False) -> Figure:
    """Draw the confusion matrix: rows are true classes, columns what they were called.

    Each field has the share of its row in bold (and as its colour) and the number of cells beneath.

    Args:
        part: A part of ``scores.json``: ``titles``, and ``confusion`` (rows true, columns called).
        leaking: Whether the split leaks.
    """
    titles, counts = part["titles"], np.asarray(part["confusion"], dtype=np.int64)
    few = len(titles) <= FEW_CLASSES
    side = 1.15 if few else 0.62
    figure = new_figure(
        max(NARROW, side * len(titles) + 1.8), side * len(titles) + (1.3 if few else 2.2), leaking=leaking
    )
    axes = figure.add_subplot()
    _draw_fields(axes, counts, share_size=11.0 if few else 8.0)
    _label(axes, titles, few=few)
    return figure


def _draw_fields(axes: Axes, counts: np.ndarray, *, share_size: float) -> None:
    colours = mpl.colormaps["Blues"]
    totals = counts.sum(axis=1)
    for row, column in np.ndindex(counts.shape):
        share = counts[row, column] / totals[row] if totals[row] else 0.0
        colour = colours(PALEST + (DARKEST - PALEST) * share)
        axes.add_patch(Rectangle((column, row), 1, 1, facecolor=colour, edgecolor=PAPER))
        words: dict[str, Any] = {"ha": "center", "color": text_colour(colour)}
        if not counts[row, column]:
            # Most fields of a good model are empty; two noughts in each would hide the others.
            axes.text(
                column + 0.5, row + 0.53, "0" if totals[row] else NOTHING, va="center", fontsize=share_size, **words
            )
            continue
        said = f"{100 * share:.0f} %"
        axes.text(column + 0.5, row + 0.5, said, va="bottom", fontsize=share_size, fontweight="bold", **words)
        axes.text(column + 0.5, row + 0.56, f"{counts[row, column]:,}", va="top", fontsize=share_size * 0.8, **words)


def text_colour(colour: tuple[float, float, float, float]) -> str:
    """Return white or ink, whichever has more contrast with a field's colour (WCAG 2, relative luminance).

    Args:
        colour: Red, green, blue, alpha, each 0 to 1.

    Example:
        >>> text_colour((0.0, 0.0, 0.5, 1.0)), text_colour((0.9, 0.9, 1.0, 1.0))
        ('#ffffff', '#101418')
    """
    linear = [value / 12.92 if value <= SRGB_LINEAR_TO else ((value + 0.055) / 1.055) ** 2.4 for value in colour[:3]]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "#ffffff" if luminance < EQUAL_CONTRAST else FIXED_INK


def _label(axes: Axes, titles: list[str], *, few: bool) -> None:
    places = np.arange(len(titles)) + 0.5
    axes.set_xlim(0, len(titles))
    axes.set_ylim(len(titles), 0)
    axes.set_aspect("equal")
    axes.grid(visible=False)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    turned: dict[str, Any] = {} if few else {"rotation": 45, "ha": "right", "rotation_mode": "anchor"}
    axes.set_xticks(places, [wrapped(title, 16 if few else 22) for title in titles], **turned)
    axes.set_yticks(places, [wrapped(title, 14 if few else 22) for title in titles])
    axes.set_xlabel("called")
    axes.set_ylabel("true class")
