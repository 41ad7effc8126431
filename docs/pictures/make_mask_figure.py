"""Make the figure of cell masks that stands in the docs: drawn cells with the outlines that ``cell_mask`` finds.

    python docs/pictures/make_mask_figure.py [PNG]          cell_masks.png

Above: smears; below: cells cut out on black. White, beneath: plain Otsu's cell; red: the cell; yellow: its nucleus.
"""

from __future__ import annotations

import sys
from pathlib import Path

import cv2
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image

from leukoscope.drawn import Background, draw_cell, draw_look
from leukoscope.pictures.cell_mask import cell_mask
from leukoscope.randomness import generator

Picture = NDArray[np.uint8]
HERE = Path(__file__).parent
SIZE, DPI, SEED, COLOURS = 224, 100, 3, 192
SMEARS = ("normal_lymphoid", "lymphoblast", "monocyte", "segmented_neutrophil", "eosinophil")
BLACK = ("normal_lymphoid", "lymphoblast", "normal_lymphoid", "lymphoblast", "lymphoblast")
WHITE, RED, YELLOW = (255, 255, 255), (230, 30, 30), (255, 225, 0)
WIDE, NARROW = 5, 2


def drawn(kind: str, number: int, background: Background) -> Picture:
    """Draw one cell."""
    look = draw_look(SEED, f"patient {number}", background)
    return draw_cell(kind, size=SIZE, background=background, look=look, generator=generator(SEED, "mask", kind, number))


def otsu(pixels: Picture) -> Picture:
    """Return the largest piece of the darker side of Otsu's threshold of grey, uint8."""
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    _, dark = cv2.threshold(grey, 0, 1, cv2.THRESH_BINARY_INV | cv2.THRESH_OTSU)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(dark, connectivity=4)
    return (labels == 1 + stats[1:, cv2.CC_STAT_AREA].argmax()).astype(np.uint8)


def outlined(pixels: Picture, background: Background) -> Picture:
    """Return the picture with the outlines of what is found in it."""
    found = cell_mask(pixels)
    shown = pixels.copy()
    masks = [(found.cell, RED, NARROW), (found.nucleus, YELLOW, NARROW)]
    plain = [(otsu(pixels), WHITE, WIDE)] if background == "smear" else []
    for mask, colour, width in [*plain, *masks]:
        outlines, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        cv2.drawContours(shown, outlines, -1, colour, width)
    return shown


def main(path: Path) -> None:
    """Write the figure."""
    rows: list[tuple[tuple[str, ...], Background]] = [(SMEARS, "smear"), (BLACK, "black")]
    figure = Figure(figsize=(2 * len(SMEARS), 4), dpi=DPI, facecolor="white")
    FigureCanvasAgg(figure)
    for row, (kinds, background) in enumerate(rows):
        for column, kind in enumerate(kinds):
            axes = figure.add_axes((column / len(kinds), (1 - row) / 2, 0.99 / len(kinds), 0.49))
            axes.imshow(outlined(drawn(kind, column + row * len(kinds), background), background))
            axes.set_axis_off()
    figure.savefig(path)
    with Image.open(path) as image:
        image.convert("RGB").quantize(COLOURS).save(path, optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if sys.argv[1:] else HERE / "cell_masks.png")
