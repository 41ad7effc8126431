"""How well ``cell_mask`` finds cells and nuclei, beside plain Otsu: intersection over union with masks made by hand.

Run: python benchmarks/bench_cell_mask.py SEGMENTATION_WBC [--half odd|even] [--seed 0]

SEGMENTATION_WBC is the folder with ``Dataset 1`` and ``Dataset 2``. The constants of ``cell_mask`` were chosen on the
pictures of even number; the odd ones are for the report. Picture 139 is 112 again and left out. A grey of a mask counts
as the nearest of 0 (rest), 128 (cytoplasm) and 255 (nucleus).

Plain Otsu, in its best fair form: grey, the darker side of Otsu's threshold, its largest piece (that nearest the middle
is the same one in every picture of even number), holes filled, is the cell; the nucleus is the darker side of a second
threshold within the cell. Intervals: 95 %, 2,000 draws of pictures with replacement; differences are paired.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from leukoscope.pictures.cell_mask import cell_mask
from leukoscope.pictures.decode import decode

Mask = NDArray[np.bool_]
Pixels = NDArray[np.uint8]
Found = tuple[Mask, Mask]
REPEATED = {("Dataset 1", 139)}
DRAWS = 2_000
CELL_FROM, NUCLEUS_FROM = 64, 192


def pairs(root: Path, half: str) -> dict[str, list[tuple[Pixels, Mask, Mask]]]:
    """Return the pictures of each data set with the true cell and nucleus."""
    found: dict[str, list[tuple[Pixels, Mask, Mask]]] = {}
    for path in sorted(root.glob("Dataset [12]/*.bmp")):
        mask = path.with_suffix(".png")
        odd = bool(int(path.stem) % 2)
        if odd != (half == "odd") or (path.parent.name, int(path.stem)) in REPEATED or not mask.is_file():
            continue
        grey = np.asarray(cv2.imread(str(mask), cv2.IMREAD_GRAYSCALE))
        found.setdefault(path.parent.name, []).append(
            (decode(path).pixels, np.greater_equal(grey, CELL_FROM), np.greater_equal(grey, NUCLEUS_FROM))
        )
    return found


def otsu(pixels: Pixels) -> Found:
    """Return the cell and the nucleus by two of Otsu's thresholds of grey."""
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    _, dark = cv2.threshold(grey, 0, 1, cv2.THRESH_BINARY_INV | cv2.THRESH_OTSU)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(dark, connectivity=4)
    largest = (labels == 1 + stats[1:, cv2.CC_STAT_AREA].argmax()).astype(np.uint8)
    outlines, _ = cv2.findContours(largest, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    cell = cv2.drawContours(np.zeros_like(largest), outlines, -1, 1, cv2.FILLED) > 0
    inner, _ = cv2.threshold(grey[cell], 0, 1, cv2.THRESH_BINARY_INV | cv2.THRESH_OTSU)
    return cell, cell & (grey <= inner)


def ours(pixels: Pixels) -> Found:
    """Return the cell and the nucleus of ``cell_mask``."""
    mask = cell_mask(pixels)
    return mask.cell, mask.nucleus


def overlap(one: Mask, other: Mask) -> float:
    """Return the intersection over the union; 1 where both are empty."""
    union = np.count_nonzero(one | other)
    return np.count_nonzero(one & other) / union if union else 1.0


def measured(some: list[tuple[Pixels, Mask, Mask]], method: Callable[[Pixels], Found]) -> NDArray[np.float64]:
    """Return the overlap of cell and nucleus, (pictures, 2)."""
    rows = []
    for pixels, cell, nucleus in some:
        found = method(pixels)
        rows.append((overlap(found[0], cell), overlap(found[1], nucleus)))
    return np.array(rows)


def bounds(values: NDArray[np.float64], seed: int) -> tuple[float, float]:
    """Return the 95 % interval over pictures of a mean."""
    picked = np.random.default_rng(seed).integers(len(values), size=(DRAWS, len(values)))
    low, high = np.percentile(values[picked].mean(axis=1), [2.5, 97.5])
    return float(low), float(high)


def interval(values: NDArray[np.float64], seed: int) -> str:
    """Return a mean with its 95 % interval over pictures, as text."""
    low, high = bounds(values, seed)
    return f"{values.mean():.3f} ({low:.3f} to {high:.3f})"


def main(arguments: list[str]) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--half", choices=("odd", "even"), default="odd")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    print(f"bench_cell_mask.py --half {options.half} --seed {options.seed}, {dt.datetime.now(dt.UTC):%Y-%m-%d}\n")
    print("| | pictures | `cell_mask` | plain Otsu | difference |\n|---|---|---|---|---|")
    spent, count = 0.0, 0
    for name, some in pairs(options.folder, options.half).items():
        start = time.process_time()
        mine = measured(some, ours)
        spent, count = spent + time.process_time() - start, count + len(some)
        plain = measured(some, otsu)
        for place, what in enumerate(("cell", "nucleus")):
            columns = (mine[:, place], plain[:, place], mine[:, place] - plain[:, place])
            cells = " | ".join(interval(column, options.seed) for column in columns)
            print(f"| {name}, {what} | {len(some)} | {cells} |")
    print(f"\n{1000 * spent / count:.1f} ms of processor time a picture")


if __name__ == "__main__":
    cv2.setNumThreads(1)
    main(sys.argv[1:])
