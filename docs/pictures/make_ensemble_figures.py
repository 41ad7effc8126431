"""Make the pictures of the page on several networks at once: ``ensemble_*.png``.

    python docs/pictures/make_ensemble_figures.py              draws cells, trains ensemble.yaml, takes the pictures
    python docs/pictures/make_ensemble_figures.py --keep W     keeps cells and run in the new folder W
    python docs/pictures/make_ensemble_figures.py --run W/run  takes the pictures once more, of that run

A few minutes on one core. All cells are drawn; a few get a wrong label on purpose, so that there is something for
the search for label errors to find.
"""

from __future__ import annotations

import argparse
import html
import re
import tempfile
from pathlib import Path

import polars as pl
from browser import photograph
from PIL import Image, ImageChops

import leukoscope as lk
from leukoscope.drawn import draw_cohort
from leukoscope.files import read_table, write_table, write_text
from leukoscope.randomness import generator

HERE = Path(__file__).parent
RECIPE = HERE / "ensemble.yaml"
PATIENTS, COUNTS, SIZE, MALIGNANT, SEED, WRONG = 20, {"hem": 220, "all": 440}, 80, 0.95, 3, 14
"""Of the drawn cohort: patients, cells of each class, px, share of blasts, seed, and wrong labels that are planted."""
COLOURS, WIDTH, MARGIN, TALLEST, SCALE = 64, 1000, 12, 6000, 1.0
# Picture: page of the run, where the piece begins (text of a heading), and the heading before which it ends.
PIECES: dict[str, tuple[str, str, str | None]] = {
    "network": ("members/resnet-10/report.html", "The network", None),
    "learning": ("members/resnet-10/report.html", "Learning curves", None),
    "models": ("report.html", "Each model, and all of them together", "What each rule does"),
    "weights": ("report.html", "How much each model weighs", "Where the models are wrong"),
    "gap": ("report.html", "What the paper", None),
    "how_many": ("mistakes/errors.html", "How many models miss how many cells", None),
    "pairs": ("mistakes/errors.html", "How alike two models err", None),
    "where": ("mistakes/errors.html", "On which cells", "Are missed cells different?"),
    "labels": ("mistakes/errors.html", "Look at these again", None),
    "believe": ("seeing/seeing.html", "May one believe the maps", "What each network calls the cells"),
}
# Picture: sheet of the run, and how much of it is shown: left, top, right, bottom as shares.
SHEETS: dict[str, tuple[str, tuple[float, float, float, float]]] = {
    "framing": ("members/resnet-10-clahe/figures/framing.png", (0, 0, 1, 1)),
    "copies": ("members/scratch/figures/balance.png", (0, 0, 1, 1)),
    "maps": ("seeing/sheets/grad_cam.png", (0, 0, 1, 1)),
    "activations": ("seeing/sheets/activations_1_0.png", (0, 0, 1, 1)),
}


def train(folder: Path) -> Path:
    """Draw the cells, plant wrong labels, and train the recipe.

    Args:
        folder: Where to.

    Returns:
        The run's folder.
    """
    cells = draw_cohort(
        folder / "cells", patients=PATIENTS, counts=COUNTS, size=SIZE, malignant_share=MALIGNANT, seed=SEED
    )
    table = read_table(cells / "cells.csv", text=True)
    chosen = generator(SEED, "wrong").choice(table.height, size=WRONG, replace=False)
    other = pl.when(pl.col("label") == "all").then(pl.lit("hem")).otherwise(pl.lit("all"))
    wrong = pl.int_range(pl.len()).is_in(chosen.tolist())
    write_table(cells / "cells.csv", table.with_columns(label=pl.when(wrong).then(other).otherwise("label")))
    write_table(folder / "planted.csv", table.filter(wrong).select("id"))
    return lk.train(RECIPE, lk.read_cohort(cells, "drawn"), out=folder / "run").folder


def piece(page: str, begin: str, end: str | None) -> str:
    """Return a page that holds one piece of another: from a heading to the next one named, or to the section's end.

    Args:
        page: The page, as HTML.
        begin: How the heading's text begins.
        end: How the text of the heading begins before which it ends.
    """
    head = page.partition("<body")[0]
    found = re.search(rf"<h[23][^>]*>{re.escape(begin)}", page)
    assert found is not None, f"no heading {begin!r}"
    rest = page[found.start() :].partition("</section>")[0]
    last = None if end is None else re.search(rf"<h3[^>]*>{re.escape(end)}", rest)
    assert end is None or last is not None, f"no heading {end!r}"
    return f"{head}<body><main><section>{rest[: None if last is None else last.start()]}</section></main></body></html>"


def trimmed(picture: Image.Image) -> Image.Image:
    """Cut what has the colour of the corner off, but for a margin."""
    ground = Image.new("RGB", picture.size, picture.getpixel((0, picture.height - 1)))
    left, top, right, bottom = ImageChops.difference(picture, ground).getbbox() or (0, 0, *picture.size)
    box = (max(left - MARGIN, 0), max(top - MARGIN, 0), right + MARGIN, bottom + MARGIN)
    return picture.crop((*box[:2], min(box[2], picture.width), min(box[3], picture.height)))


def save(picture: Image.Image, name: str) -> None:
    """Write a picture of the docs, with few colours: it is a fraction as large, and nobody sees it."""
    small = picture.quantize(COLOURS, dither=Image.Dither.NONE)
    small.save(HERE / f"ensemble_{name}.png", optimize=True)


def take(run: Path) -> None:
    """Take all pictures of a run."""
    with tempfile.TemporaryDirectory() as place:
        for name, (file, begin, end) in PIECES.items():
            cut, taken = Path(place) / "piece.html", Path(place) / "taken.png"
            write_text(cut, piece((run / file).read_text(encoding="utf-8"), html.escape(begin, quote=False), end))
            photograph(cut, taken, width=WIDTH, height=TALLEST, scale=SCALE)
            with Image.open(taken) as image:
                save(trimmed(image.convert("RGB")), name)
    for name, (file, (left, top, right, bottom)) in SHEETS.items():
        with Image.open(run / file) as image:
            wide, high = image.size
            save(
                image.convert("RGB").crop((int(left * wide), int(top * high), int(right * wide), int(bottom * high))),
                name,
            )


def main() -> None:
    """Make the pictures, of a new run or of one that is there."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", type=Path, help="the folder of a run of ensemble.yaml on drawn cells")
    parser.add_argument("--keep", type=Path, help="a new folder in which cells and run are kept")
    asked = parser.parse_args()
    if asked.run is not None:
        take(asked.run)
    elif asked.keep is not None:
        take(train(asked.keep))
    else:
        with tempfile.TemporaryDirectory() as place:
            take(train(Path(place)))


if __name__ == "__main__":
    main()
