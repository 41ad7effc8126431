"""Cells of several patients, each with the map of its logits beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.figure import Figure
from numpy.typing import NDArray

from leukoscope.reports.figures.style import COLOURS, new_figure, styled

COLUMNS = 4
CELL_WIDTH, CELL_HEIGHT = 1.95, 1.28
LONGEST = 26
# The colours of the maps, as they were laid over a pale picture.
DIVERGING = LinearSegmentedColormap.from_list("for_against", [COLOURS[0], "#e9e9e9", COLOURS[1]])


@dataclass(frozen=True, eq=False)
class LogitMap:
    """One cell of the figure.

    Args:
        pixels: (h, w, 3) uint8, RGB: the picture with its map beside it.
        patient: Whose cell it is.
        title: The patient's class, for people; empty where it is unknown.
    """

    pixels: NDArray[np.uint8]
    patient: str
    title: str


@styled
def logit_maps(shown: Sequence[LogitMap], scale: float, *, leaking: bool = False) -> Figure:
    """Draw cells in rows of four, with one scale of colours for all.

    Args:
        shown: The cells, at least one.
        scale: The logit at which the colours end.
        leaking: Whether the split leaks.
    """
    columns = min(len(shown), COLUMNS)
    rows = -(-len(shown) // columns)
    figure = new_figure(max(CELL_WIDTH * columns, 3.4), CELL_HEIGHT * rows + 0.6, leaking=leaking)
    panels = figure.subplots(rows, columns, squeeze=False)
    for place, panel in enumerate(panels.flat):
        panel.axis("off")
        if place < len(shown):
            panel.imshow(shown[place].pixels, interpolation="lanczos")
            said = filter(None, (_short(shown[place].patient), _short(shown[place].title)))
            panel.set_title("\n".join(said), fontsize=7.5, fontweight="normal", pad=3)
    colours = figure.colorbar(
        _scalar(scale), ax=panels, orientation="horizontal", fraction=0.04, pad=0.02, aspect=40, shrink=0.6
    )
    colours.set_label("logit of a place: below 0 against, above 0 for the class", fontsize=8)
    colours.outline.set_visible(False)
    return figure


def _scalar(scale: float) -> ScalarMappable:

    return ScalarMappable(Normalize(-scale, scale), DIVERGING)


def _short(name: str) -> str:
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"
