"""Make the sheets of drawn cells that stand in the docs.

    python docs/pictures/make_drawn_sheet.py                drawn_cells.png: every kind, a column a patient
    python docs/pictures/make_drawn_sheet.py FOLDER PNG     and PNG: drawn above real

FOLDER holds real pictures as ``cnmc/`` and ``pbc/`` (the public C-NMC 2019 and PBC sets). Eight of them are shown, as
thumbnails of 96 px. They are other people's pictures: PNG is not to be added to the project.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image

from leukoscope.drawn import KINDS, Background, draw_cell, draw_look
from leukoscope.randomness import generator

Picture = NDArray[np.uint8]
# Rows of a block: a name and the pictures beside it.
Block = list[tuple[str, list[Picture]]]
HERE = Path(__file__).parent
LYMPHOID = ("normal_lymphoid", "lymphoblast")
COLUMNS, SIZE, THUMBNAIL = 5, 96, 96
DPI, LEFT = 90, 1.75
# Title, drawn kind, where the real ones lie, which of them, and the side of the centre that is shown (px).
BESIDE: tuple[tuple[str, str, str, int, int], ...] = (
    ("normal (HEM)", "normal_lymphoid", "cnmc/**/fold_0/hem/*", 12, 300),
    ("leukaemic (ALL)", "lymphoblast", "cnmc/**/fold_0/all/*", 9, 300),
    ("eosinophil", "eosinophil", "pbc/eosinophil/*.jpg", 3, 290),
    ("basophil", "basophil", "pbc/basophil/*.jpg", 13, 290),
    ("lymphocyte", "lymphocyte", "pbc/lymphocyte/*.jpg", 15, 290),
    ("monocyte", "monocyte", "pbc/monocyte/*.jpg", 2, 290),
    ("neutrophil", "segmented_neutrophil", "pbc/neutrophil/*.jpg", 30, 290),
    ("erythroblast", "erythroblast", "pbc/erythroblast/*.jpg", 40, 290),
)


def drawn(kind: str, number: int, size: int, seed: int = 1) -> Picture:
    """Draw one cell of a patient: lymphoid ones on black, the others on a smear."""
    background: Background = "black" if kind in LYMPHOID else "smear"
    look = draw_look(seed, f"patient {number}", background)
    return draw_cell(
        kind, size=size, background=background, look=look, generator=generator(seed, "sheet", kind, number)
    )


def real(root: Path, pattern: str, number: int, side: int) -> Picture:
    """Read a real picture: its centre, shrunk to a thumbnail."""
    files = sorted(path for path in root.glob(pattern) if not path.name.startswith("."))
    with Image.open(files[number]) as opened:
        picture = opened.convert("RGB")
    left, top = (picture.width - side) // 2, (picture.height - side) // 2
    shrunk = picture.crop((left, top, left + side, top + side)).resize((THUMBNAIL, THUMBNAIL), Image.Resampling.BOX)
    return np.asarray(shrunk)


def sheet(blocks: list[Block], path: Path, titles: list[str] | None = None) -> None:
    """Write blocks of pictures side by side, names to the left of the rows and titles above the columns."""
    wide = sum(LEFT + len(rows[0][1]) for rows in blocks)
    high = len(blocks[0]) + (0.3 if titles else 0.06)
    figure = Figure(figsize=(wide, high), dpi=DPI, facecolor="white")
    FigureCanvasAgg(figure)
    start = 0.0
    for rows in blocks:
        start += LEFT
        for number, (name, pictures) in enumerate(rows):
            base = len(rows) - number - 1
            figure.text((start - 0.1) / wide, (base + 0.5) / high, name, ha="right", va="center", size=9)
            for column, picture in enumerate(pictures):
                axes = figure.add_axes(((start + column) / wide, base / high, 0.97 / wide, 0.97 / high))
                axes.imshow(picture, interpolation="lanczos")
                axes.set_axis_off()
                if titles and not number:
                    axes.set_title(titles[column], size=8, pad=3)
        start += len(rows[0][1])
    figure.savefig(path, pil_kwargs={"optimize": True})


def drawn_beside_real(root: Path, path: Path) -> None:
    """Write one row of drawn cells above one of real ones.

    Args:
        root: Folder of real pictures: ``cnmc/`` and ``pbc/``.
        path: The png to write.
    """
    ours = [drawn(kind, number, THUMBNAIL, seed=4) for number, (_, kind, *_) in enumerate(BESIDE)]
    theirs = [real(root, pattern, number, side) for _, _, pattern, number, side in BESIDE]
    sheet([[("drawn", ours), ("real (C-NMC, PBC)", theirs)]], path, [title for title, *_ in BESIDE])


def main(arguments: list[str]) -> None:
    """Make the sheet of drawn cells and, where real ones and a file are named, the two side by side."""
    rows = [(kind.title, [drawn(name, number, SIZE) for number in range(COLUMNS)]) for name, kind in KINDS.items()]
    half = len(rows) // 2
    sheet([rows[:half], rows[half:]], HERE / "drawn_cells.png")
    if arguments:
        root, path = arguments
        drawn_beside_real(Path(root), Path(path))


if __name__ == "__main__":
    main(sys.argv[1:])
