"""A figure as two files, SVG for the page and print, PNG for slides; the same bytes each time."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

from leukoscope.files import write_bytes
from leukoscope.reports.figures.style import STYLE

PNG_DPI = 200


@dataclass(frozen=True)
class Drawn:
    """A figure that was saved.

    Args:
        name: The files' name without ending; unique within a report.
        alt: What the figure shows, in words, for those who do not see it.
        svg: The SVG file's text.
        width: Natural width in CSS pixels (96 an inch).
    """

    name: str
    alt: str
    svg: str
    width: int


def save_figure(figure: Figure, folder: Path, name: str, alt: str) -> Drawn:
    """Write ``name.svg`` and ``name.png`` into a folder.

    Text stays text in the SVG, and its ids depend on ``name`` and the content alone.

    Args:
        figure: What a function of this package drew.
        folder: Where to; made if it is not there.
        name: The files' name without ending.
        alt: What the figure shows, in words.
    """
    svg, png = io.BytesIO(), io.BytesIO()
    with mpl.rc_context(STYLE | {"svg.hashsalt": f"leukoscope-{name}"}):
        figure.savefig(svg, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
        figure.set_layout_engine("none")  # laid out for the SVG; a second time would take as long again
        figure.savefig(png, format="png", dpi=PNG_DPI, metadata={"Software": None})
    write_bytes(folder / f"{name}.svg", svg.getvalue())
    write_bytes(folder / f"{name}.png", png.getvalue())
    return Drawn(name, alt, svg.getvalue().decode("utf-8"), round(figure.get_figwidth() * 96))
