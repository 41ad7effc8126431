"""One look for every figure: sizes, colours that the colour-blind can tell apart, and the mark of a leaking split."""

from __future__ import annotations

import functools
import math
import textwrap
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")
LineStyle = str | tuple[float, tuple[float, ...]]
"""A line's style, as matplotlib takes it: a name, or offset and lengths on and off."""

# Five colours that the page exchanges for its own, so that an inlined figure follows light and dark mode. They are
# used for nothing else; what must stay as it is (text on a coloured field) takes FIXED_INK or pure white.
INK = "#1f2328"
FAINT = "#c9ced6"
MUTED = "#6b7280"
PAPER = "#fefefe"
FIXED_INK = "#101418"
LEAK = "#c1121f"

# Okabe & Ito (2008) without black, which is the ink, and yellow, which is too pale for a line on paper. The colour-
# blind tell any two of them apart; in grey some look alike, so that no figure rests on colour alone: hatch, line and
# marker are different for all six. For dark mode the page has paler ones of the same hues.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
HATCHES = ("", "////", "....", "\\\\\\\\", "xxxx", "----")
LINES: tuple[LineStyle, ...] = ("-", "--", "-.", ":", (0, (6, 2, 1.5, 2, 1.5, 2)), (0, (12, 4)))
MARKERS = ("o", "s", "^", "D", "v", "P")

NARROW = 4.4
LEAK_WORDS = "LEAKAGE: not a score on unseen patients"

# Any: matplotlib's stubs know its settings by name, but no dictionary that is put together from several.
STYLE: Any = {
    "font.family": ["sans-serif"],
    "font.sans-serif": ["DejaVu Sans", "Helvetica Neue", "Arial", "sans-serif"],
    "font.size": 9.0,
    "axes.titlesize": 10.0,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": 9.0,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.titlecolor": INK,
    "axes.facecolor": "none",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.8,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": FAINT,
    "grid.linewidth": 0.6,
    "text.color": INK,
    # A class may be called "CD4$^+$" or "$": it is a name, not mathematics.
    "text.parse_math": False,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
    "legend.fontsize": 8.5,
    "legend.frameon": False,
    "lines.linewidth": 1.8,
    "hatch.linewidth": 0.8,
    "svg.fonttype": "none",
}


def styled(draw: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Run a function under the house's matplotlib settings and put the caller's back afterwards."""

    @functools.wraps(draw)
    def inner(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        with mpl.rc_context(STYLE):
            return draw(*args, **kwargs)

    return inner


def new_figure(width: float, height: float, *, leaking: bool = False) -> Figure:
    """Return an empty figure that belongs to no window and no global list.

    Args:
        width: In inches; figures of up to ``NARROW`` are legible on a phone without scrolling.
        height: In inches.
        leaking: Write the mark of a leaking split over it.
    """
    figure = Figure(figsize=(width, height), layout="constrained", facecolor=PAPER)
    if leaking:
        figure.suptitle(LEAK_WORDS, x=0.99, ha="right", fontsize=8, fontweight="bold", color=LEAK)
    return figure


def class_colour(place: int) -> str:
    """Return the colour of the class at a place among the classes, the same in every figure."""
    return COLOURS[place % len(COLOURS)]


def class_hatch(place: int) -> str:
    """Return the hatch of a class, so that it is known without its colour too."""
    return HATCHES[place % len(HATCHES)]


def class_line(place: int) -> LineStyle:
    """Return the line style of a class; together with its colour it is unique for the first 36 classes."""
    both_start_anew = math.lcm(len(COLOURS), len(LINES))
    return LINES[(place + place // both_start_anew) % len(LINES)]


def class_marker(place: int) -> str:
    """Return the marker of a class, so that its points are known without their colour too."""
    return MARKERS[place % len(MARKERS)]


def wrapped(title: str, width: int = 16) -> str:
    r"""Return a class's title on several short lines.

    Example:
        >>> wrapped("leukaemic blast (ALL)")
        'leukaemic blast\n(ALL)'
    """
    return "\n".join(textwrap.wrap(title, width)) or title


def unit_square(axes: Axes) -> None:
    """Give both axes the range 0 to 1, a little wider so that lines along the edge are seen whole."""
    axes.set_xlim(-0.02, 1.02)
    axes.set_ylim(-0.02, 1.02)
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", "0.25", "0.5", "0.75", "1"])
    axes.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0", "0.25", "0.5", "0.75", "1"])
    axes.set_aspect("equal")
