"""What the network of Prellberg & Kramer (2019) needs at its own size: one step of 16 cells, and 8 rotations a cell.

Run: python benchmarks/bench_prellberg.py FOLDER [--device auto]

The recipe ``prellberg2019`` as it is (SE-ResNeXt50, 300 px, batch of 16, eight rotations), from random weights, for one
epoch of one step on drawn cells. Printed are the seconds of the step, the seconds a scored cell takes, and the most
memory that the process held.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from leukoscope import api
from leukoscope.files import read_json, read_table

CHANGES = {
    "model.weights": None,
    "split": {"kind": "holdout", "test": 0.25, "validation": 0.34},
    "drawn": {"classes": 2, "patients": 8, "cells": 4, "size": 320, "background": "black"},
    "stages.0.epochs": 1,
}


def main() -> None:
    """Train one step, score, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="a new folder for the run")
    parser.add_argument("--device", default="auto", help="cpu, cuda or auto")
    asked = parser.parse_args()
    api.train("prellberg2019", out=asked.folder, changes=CHANGES, device=asked.device)
    record, timings = read_json(asked.folder / "run.json"), read_table(asked.folder / "timings.csv")
    parts = read_table(asked.folder / "split.csv")["part"].value_counts()
    counts = dict(parts.iter_rows())
    print(f"cells: {counts}; device {record['device']}")
    print(timings)
    print(f"seconds: {record['seconds']}; peak memory {record['peak_memory_mb']:,.0f} MiB")


if __name__ == "__main__":
    main()
