"""The calibration curve: of the cells it was 80 % sure of, was it right on 80 %?"""

from __future__ import annotations

from typing import Any

from matplotlib.figure import Figure

from leukoscope.reports.figures.style import COLOURS, MUTED, NARROW, new_figure, styled, unit_square
from leukoscope.reports.words import unit_of


@styled
def calibration(part: dict[str, Any], *, leaking: bool = False) -> Figure:
    """Draw the share that was right against the mean probability of each bin, over the number of rows in it.

    Args:
        part: A part of ``scores.json`` with ``curves.calibration``: bins with ``low``, ``high``,
            ``mean_probability``, ``share_right`` (both null in an empty bin) and ``cells``.
        leaking: Whether the split leaks.
    """
    bins = [bin_ for bin_ in part["curves"]["calibration"] if bin_["cells"]]
    figure = new_figure(NARROW, 5.3, leaking=leaking)
    above, below = figure.subplots(2, 1, height_ratios=[3.4, 1], sharex=True)
    above.plot([0, 1], [0, 1], color=MUTED, linewidth=1.1, linestyle=(0, (4, 3)), label="as sure as it is right")
    means, shares = [bin_["mean_probability"] for bin_ in bins], [bin_["share_right"] for bin_ in bins]
    above.plot(means, shares, color=COLOURS[0], marker="o", markersize=5, label="this model")
    unit_square(above)
    above.set_aspect("auto")
    above.legend(loc="upper left")
    above.set_ylabel("how often it was so")
    above.tick_params(labelbottom=True)
    widths = [bin_["high"] - bin_["low"] for bin_ in bins]
    below.bar([bin_["low"] for bin_ in bins], [bin_["cells"] for bin_ in bins], widths, align="edge", color=COLOURS[0])
    below.set_ylabel(f"{unit_of(part)}s")
    below.set_xlabel("probability it stated")
    return figure
