"""What the networks of Liu & Long (2019) need at their own size: one step of A, of B and of the joint model.

Run: python benchmarks/bench_liu2019.py FOLDER [--weights WEIGHTS] [--device cpu]

The recipe ``liu2019`` as it is (Inception-ResNet-v2, 299 px, bagging, a joint model on frozen branches), for one epoch
of one step of each of its three models on drawn cells, from random weights where no folder of weights is given. Then
its bundle tells the cells of its test part again. Class maps are left out. Printed are what each model saw, its
seconds, parameters and milliseconds a cell, the seconds of the whole, and the most memory that the process held. It
fails where a model took more than one step, or where the bundle says other probabilities than the run.
"""

from __future__ import annotations

import argparse
import math
import time
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from leukoscope import api, read_cohort
from leukoscope.drawn import draw_cohort
from leukoscope.files import read_json, read_table
from leukoscope.runs.peak_memory import peak_memory_mb
from leukoscope.runs.run import Run

MODELS = ("A", "B", "joint")
BATCH, SAME = 32, 1e-4
DRAWN = {"patients": 12, "cells": 4, "size": 320}
CHANGES = {
    "split": {"kind": "holdout", "test": 0.25, "validation": 0.34},
    **{f"{place}.set.stages.0.epochs": 1 for place in ("members.A", "members.B", "joint")},
    "seeing.cells": 0,
}
RANDOM = {f"members.{name}.set.model.weights": None for name in ("A", "B")}


def row_of(run: Run, name: str, costs: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Return what a model saw, and what that took."""
    own = run.folder / "members" / name
    timings, composition = read_table(own / "timings.csv"), own / "composition.csv"
    if composition.is_file():
        seen = int(read_table(composition)["seen"].sum())
    else:
        seen = read_table(own / "split.csv").filter(part="train").height
    return {
        "model": name,
        "pictures": seen,
        "steps": math.ceil(seen / BATCH) * timings.height,
        "training s": round(float(timings["training_seconds"].sum()), 1),
        "whole s": round(sum(read_json(own / "run.json")["seconds"].values()), 1),
        "parameters": int(costs[name]["parameters"]),
        "ms a cell": round(costs[name]["ms_batch_1"]),
    }


def main() -> None:
    """Train one step of each, predict, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="a new folder for the cells and the run")
    parser.add_argument("--weights", type=Path, help="folder of the networks' first weights; random where not given")
    parser.add_argument("--device", default="cpu", help="cpu or cuda")
    asked = parser.parse_args()
    draw_cohort(asked.folder / "cells", **DRAWN)
    cohort = read_cohort(asked.folder / "cells", "drawn")
    changes = CHANGES if asked.weights else CHANGES | RANDOM
    begun = time.perf_counter()
    run = api.train(
        "liu2019", cohort, out=asked.folder / "run", weights=asked.weights, changes=changes, device=asked.device
    )
    trained = time.perf_counter()
    said = run.predictions("test").table.sort("id")
    found = api.predict(run.bundle, cohort.select(said["id"]), device=asked.device).table.sort("id")
    predicted = time.perf_counter()
    away = float(np.abs(found["p_all"].to_numpy() - said["p_all"].to_numpy()).max())
    costs = {row["name"]: row for row in read_table(run.folder / "costs.csv").iter_rows(named=True)}
    rows = [row_of(run, name, costs) for name in MODELS]
    with pl.Config(tbl_hide_column_data_types=True, tbl_hide_dataframe_shape=True, tbl_cols=-1, tbl_width_chars=120):
        print(pl.DataFrame(rows))
    print(f"the run: {trained - begun:.0f} s, {costs['most_confident']['parameters'] / 1e6:.1f} million parameters")
    print(f"the bundle of all: {found.height} cells in {predicted - trained:.0f} s with its self-test; {away:.1e} away")
    peak = max(read_json(run.folder / "run.json")["peak_memory_mb"] or 0, peak_memory_mb() or 0)
    print(f"peak memory {peak:,.0f} MiB; device {asked.device}")
    raise SystemExit(0 if away < SAME and all(row["steps"] == 1 for row in rows) else 1)


if __name__ == "__main__":
    main()
