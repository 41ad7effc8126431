"""Time and memory of a recipe on a set as large as the published one.

    python benchmarks/whole_set.py make --reader pbc --data PBC --cells 17092 --copies COPIES
    python benchmarks/whole_set.py run --reader pbc --copies COPIES --weights WEIGHTS --out RUN
    python benchmarks/whole_set.py run --recipe baldi2021-ensemble --set patch=small ... (the same, of another recipe)

``make`` copies the labelled pictures at hand until there are as many as asked for: the same layout, new names,
one pixel changed in each copy. ``run`` trains a recipe on them in its own process and prints seconds and the peak
of resident memory. Scores on copies mean nothing and are not printed.
"""

from __future__ import annotations

import argparse
import json
import re
import resource
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image

from leukoscope import read_cohort
from leukoscope.randomness import generator

LAYOUT = {"pbc": "{folder}/{prefix}_{number:06d}.jpg", "cnmc": "{folder}/UID_{patient}_{number}_1_{label}.bmp"}


def make(reader: str, data: Path, cells: int, copies: Path) -> None:
    """Write ``cells`` pictures, each a copy of one at hand with one pixel changed."""
    cohort = read_cohort(data, reader)
    rows = cohort.labelled.to_dicts()

    def write(number: int) -> None:
        row = rows[number % len(rows)]
        path = Path(row["path"])
        name = LAYOUT[reader].format(
            folder=path.parent,
            prefix=re.split(r"_", path.stem)[0],
            patient=row["patient"],
            label=row["label"],
            number=900_000 + number,
        )
        pixels = np.array(Image.open(cohort.file(row["path"])).convert("RGB"))
        draw = generator(0, "pixel", number)
        pixels[draw.integers(pixels.shape[0]), draw.integers(pixels.shape[1])] = draw.integers(256, size=3)
        out = copies / name
        out.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(out, **({"quality": 95} if out.suffix == ".jpg" else {}))

    with ThreadPoolExecutor() as pool:
        list(pool.map(write, range(cells)))
    print(f"{cells} pictures under {copies}")


def run(recipe: str, changes: list[str], *, reader: str, copies: Path, weights: Path, out: Path) -> None:
    """Train a recipe on the copies and print what it took."""
    command = [str(Path(sys.executable).parent / "leukoscope"), "train", recipe, "--reader", reader]
    command += [word for change in changes for word in ("--set", change)]
    command += ["--data", str(copies), "--weights", str(weights), "--out", str(out)]
    started = time.monotonic()
    subprocess.run(command, check=True)
    seconds = time.monotonic() - started
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    record = json.loads((out / "run.json").read_text(encoding="utf-8"))
    print(
        json.dumps(
            {"cells": record["data"]["cells"], "seconds": round(seconds), "peak_mib": round(peak), **record["seconds"]}
        )
    )


def main() -> None:
    """Parse and do."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("action", choices=["make", "run"])
    parser.add_argument("--reader", choices=sorted(LAYOUT), default="pbc")
    parser.add_argument("--data", type=Path)
    parser.add_argument("--cells", type=int, default=17_092)
    parser.add_argument("--copies", type=Path, required=True)
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--recipe", default="quick")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE")
    given = parser.parse_args()
    if given.action == "make":
        make(given.reader, given.data, given.cells, given.copies)
    else:
        run(given.recipe, given.set, reader=given.reader, copies=given.copies, weights=given.weights, out=given.out)


if __name__ == "__main__":
    main()
