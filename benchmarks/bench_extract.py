"""How many white cells of whole fields ``extract`` finds, and how many of what it finds are white cells.

Run: python benchmarks/bench_extract.py BCCD [--half tuned|reported] [--seed 0] [--look FOLDER] [--single FOLDER ...]

BCCD is the folder with ``JPEGImages`` and ``Annotations``. The constants of ``white_cells`` were chosen on the fields
whose number can be divided by four; all others are for the report (of the 183 fields in one public copy of the set all
but one have even numbers, so halves by even and odd would not do). A cell is found where a box has an intersection over
union of 0.5 with that of an annotated white cell, each box used once, the best pairs first. Boxes in BCCD hold nucleus
and cytoplasm, with room to spare. Intervals: 95 %, 2,000 draws of fields with replacement. A found box without an
annotation counts as false, also where a white cell lies in it: ``--look`` writes these, and those that were missed, as
pictures, to be judged by eye.

``--single`` takes folders of pictures that show one cell in their middle, of other laboratories: in how many a box
holds the middle, and how many boxes there are besides; of each folder every second picture, since the others were used
to tell platelets from white cells by their size.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import polars as pl
from numpy.typing import NDArray

from leukoscope.cohort.readers import read_cohort
from leukoscope.cohort.readers.listing import list_files
from leukoscope.errors import DataError
from leukoscope.extraction.measuring import common_red_cell
from leukoscope.pictures.decode import decode
from leukoscope.pictures.white_cells import find_white_cells

Box = tuple[float, float, float, float]
DRAWS, AT, MARGIN = 2_000, 0.5, 60
FOUND, TRUE = (214, 30, 40), (20, 140, 40)


@dataclass(frozen=True)
class Field:
    """A field: its path, the boxes of annotated white cells, those that were found."""

    path: Path
    true: list[Box]
    found: list[Box]

    @property
    def pairs(self) -> list[tuple[int, int, float]]:
        """Found and annotated boxes that are of one cell, and their overlap."""
        every = [(overlap(a, b), i, j) for i, a in enumerate(self.found) for j, b in enumerate(self.true)]
        taken: list[tuple[int, int, float]] = []
        for value, one, other in sorted(every, reverse=True):
            if value >= AT and all(one != i and other != j for i, j, _ in taken):
                taken.append((one, other, value))
        return taken


def overlap(one: Box, other: Box) -> float:
    """Return the intersection over the union of two boxes."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    if width <= 0 or height <= 0:
        return 0.0
    areas = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other))
    return width * height / (areas - width * height)


def annotated(folder: Path, half: str) -> list[tuple[Path, list[Box]]]:
    """Return the fields of a half with the boxes of their white cells."""
    cohort = read_cohort(folder, "bccd")
    boxes = cohort.tables["boxes"].filter(pl.col("label") == "wbc")
    rows = []
    for name, path in cohort.usable.select("id", "path").iter_rows():
        if (int(name.rpartition("_")[2]) % 4 == 0) == (half == "tuned"):
            mine = boxes.filter(pl.col("id") == name).select("left", "top", "right", "bottom")
            # Pascal VOC counts from 1 and includes the last pixel.
            rows.append((cohort.file(path), [(a - 1, b - 1, c, d) for a, b, c, d in mine.iter_rows()]))
    return rows


def searched(rows: list[tuple[Path, list[Box]]]) -> tuple[list[Field], float]:
    """Return the fields with what was found in them, and the milliseconds of processor time for each."""
    red_cell, _ = common_red_cell([path for path, _ in rows])
    fields, spent = [], 0.0
    for path, true in rows:
        pixels = decode(path).pixels
        start = time.process_time()
        found = find_white_cells(pixels, red_cell)
        spent += time.process_time() - start
        fields.append(Field(path, true, [cell.box for cell in found]))
    print(f"red cells: {red_cell:.0f} px" if red_cell else "red cells: not measured")
    return fields, 1000 * spent / len(rows)


def ratio(counts: NDArray[np.float64], of: int, seed: int) -> str:
    """Return found over all of a column with its 95 % interval over fields."""
    picked = np.random.default_rng(seed).integers(len(counts), size=(DRAWS, len(counts)))
    sums = counts[picked].sum(axis=1)
    low, high = np.percentile(sums[:, 0] / sums[:, of], [2.5, 97.5])
    right, total = counts[:, 0].sum(), counts[:, of].sum()
    return f"{right:.0f} of {total:.0f}: {right / total:.3f} ({low:.3f} to {high:.3f})"


def look(fields: list[Field], folder: Path) -> None:
    """Write a picture of each box that was found without an annotation, or missed."""
    folder.mkdir(parents=True, exist_ok=True)
    for field in fields:
        pairs = field.pairs
        odd = [(box, "found") for place, box in enumerate(field.found) if place not in {i for i, _, _ in pairs}]
        odd += [(box, "missed") for place, box in enumerate(field.true) if place not in {j for _, j, _ in pairs}]
        for number, (box, what) in enumerate(odd):
            shown = np.array(decode(field.path).pixels)
            for boxes, colour in ((field.found, FOUND), (field.true, TRUE)):
                for left, top, right, bottom in boxes:
                    cv2.rectangle(shown, (int(left), int(top)), (int(right), int(bottom)), colour, 2)
            rows = slice(max(int(box[1]) - MARGIN, 0), int(box[3]) + MARGIN)
            columns = slice(max(int(box[0]) - MARGIN, 0), int(box[2]) + MARGIN)
            part = cv2.cvtColor(np.ascontiguousarray(shown[rows, columns]), cv2.COLOR_RGB2BGR)
            cv2.imwrite(str(folder / f"{field.path.stem}_{number}_{what}.png"), part)
            print(f"{what}: {field.path.stem}, {tuple(round(side) for side in box)}")


def single(folder: Path) -> None:
    """Print in how many pictures of one cell a box holds the middle."""
    listing = list_files(folder).pictures.filter(pl.col("excluded").is_null())
    for (group,), rows in sorted(listing.group_by(pl.col("folder")), key=lambda one: str(one[0])):
        middles = besides = read = 0
        for path in rows["path"].sort()[1::2]:
            try:
                pixels = decode(folder / path).pixels
                boxes = [cell.box for cell in find_white_cells(pixels)]
            except DataError:
                continue
            row, column = pixels.shape[0] / 2, pixels.shape[1] / 2
            holds = [box[0] < column < box[2] and box[1] < row < box[3] for box in boxes]
            read, middles, besides = read + 1, middles + any(holds), besides + holds.count(False)
        print(f"| {folder.name}/{group} | {read} | {middles} | {besides} |")


def main(arguments: list[str]) -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--half", choices=("tuned", "reported"), default="reported")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--look", type=Path)
    parser.add_argument("--single", type=Path, nargs="*", default=[])
    options = parser.parse_args(arguments)
    print(f"bench_extract.py --half {options.half} --seed {options.seed}, {dt.datetime.now(dt.UTC):%Y-%m-%d}\n")
    fields, milliseconds = searched(annotated(options.folder, options.half))
    counts = np.array([(len(one.pairs), len(one.true), len(one.found)) for one in fields], dtype=np.float64)
    values = [value for field in fields for *_, value in field.pairs]
    print(f"\n| fields | recall at {AT:g} | precision at {AT:g} | mean overlap of what is found |\n|---|---|---|---|")
    recall, precision = ratio(counts, 1, options.seed), ratio(counts, 2, options.seed)
    print(f"| {len(fields)} | {recall} | {precision} | {np.mean(values):.2f} |")
    print(f"\n{milliseconds:.0f} ms of processor time a field")
    if options.look is not None:
        look(fields, options.look)
    if options.single:
        print("\n| pictures of one cell | looked at | with a box about the middle | boxes besides |\n|---|---|---|---|")
    for folder in options.single:
        single(folder)


if __name__ == "__main__":
    cv2.setNumThreads(1)
    main(sys.argv[1:])
