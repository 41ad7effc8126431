"""Make the figure of found white cells that stands in the docs: drawn fields with the boxes that ``extract`` finds.

    python docs/pictures/make_extract_figure.py [PNG]       white_cells.png

Red: found; green, beneath: what was drawn. To the right of each field the squares that are cut out of it.
"""

from __future__ import annotations

import sys
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from leukoscope.drawn import draw_look
from leukoscope.drawn.whole_field import DrawnField, draw_field
from leukoscope.extraction.squares import Cutting, ground_of, square_about
from leukoscope.pictures.white_cells import find_white_cells
from leukoscope.randomness import generator

Picture = NDArray[np.uint8]
HERE = Path(__file__).parent
SIZE, GAP, SQUARE, SEED, COLOURS = 400, 8, 94, 3, 224
FIELDS = (
    ("lymphocyte", "segmented_neutrophil", "monocyte", "eosinophil"),
    ("myeloblast", "band_neutrophil", "basophil", "platelet"),
)
FOUND, TRUE = (214, 30, 40), (20, 140, 40)


def drawn(number: int) -> DrawnField:
    """Draw one field."""
    look, chance = draw_look(SEED, f"patient {number}"), generator(SEED, "figure", number)
    return draw_field(FIELDS[number], size=SIZE, look=look, generator=chance)


def panel(number: int) -> Picture:
    """Return a field with its boxes, and its squares in a column."""
    field = drawn(number)
    cells = find_white_cells(field.pixels)
    shown = field.pixels.copy()
    white = [box for kind, box in zip(field.kinds, field.boxes, strict=True) if kind != "platelet"]
    for boxes, colour, width in ((white, TRUE, 4), ([cell.box for cell in cells], FOUND, 2)):
        for left, top, right, bottom in boxes:
            cv2.rectangle(shown, (left, top), (right - 1, bottom - 1), colour, width)
    column = np.full((SIZE, SQUARE, 3), 255, np.uint8)
    ground = ground_of(field.pixels)
    for place, cell in enumerate(cells[:4]):
        top = place * (SQUARE + GAP)
        column[top : top + SQUARE] = square_about(cell, field.pixels, ground, Cutting(SQUARE, 0.7)).pixels
    gap = np.full((SIZE, GAP, 3), 255, np.uint8)
    return np.hstack([shown, gap, column])


def main(path: Path) -> None:
    """Write the figure."""
    gap = np.full((SIZE, 3 * GAP, 3), 255, np.uint8)
    figure = Image.fromarray(np.hstack([panel(0), gap, panel(1)]))
    figure.quantize(COLOURS).save(path, optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if sys.argv[1:] else HERE / "white_cells.png")
