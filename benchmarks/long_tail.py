"""Ways of learning rare classes, on drawn cells with Matek's counts divided by 20, tested on as many of each class.

    python benchmarks/long_tail.py --out FOLDER --weights WEIGHTS [--seeds 5]

Each seed draws its own cells: 15 classes by Matek's counts / 20 (at least 3) of 40 drawn patients to learn from and to
choose the epoch on, and 20 cells of each class of 10 other patients to test on. All methods learn from the same cells.
Seven train the same small network from random weights and differ in nothing else; two, named "frozen", put a head on
features from ImageNet, without augmentation: they compare with each other alone, though prototypes have no epoch to
choose and learn from the validation part, too.

It prints for each method macro-F1 on the test part (mean and deviation over seeds; the mean of the runs' own intervals
over patients), its difference from the plain method on the same cells (mean over seeds, with Student's 95 % interval),
and the recall of the classes that have ten cells or fewer; the runs stay in the folder, and a second call goes on with
them.
"""

from __future__ import annotations

import argparse
import functools
import json
import math
import statistics
from pathlib import Path
from typing import Any

import polars as pl
from scipy import stats

from leukoscope import draw, merge, read_cohort, split, train
from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.splits.split import Split
from leukoscope.files import read_json

MATEK = {
    "BAS": 79, "EBO": 78, "EOS": 424, "KSC": 15, "LYA": 11, "LYT": 3937, "MMZ": 15, "MOB": 26, "MON": 1789,
    "MYB": 42, "MYO": 3268, "NGB": 109, "NGS": 8484, "PMB": 18, "PMO": 70,
}  # fmt: skip
COUNTS = {name: max(count // 20, 3) for name, count in MATEK.items()}
TESTED, FEW = 20, 10
EPOCHS = 12
STAGE = {"batch": 32, "train": "all", "optimizer": "adamw", "rates": 2e-3, "weight_decay": 0.01}
COSINE = {"schedule": {"kind": "cosine"}}
COMMON: dict[str, Any] = {
    "name": "long-tail",
    "framing": [{"resize": 64}],
    "augmentation": [{"flip": 0.5}, {"rotate": 360}, {"translate": 0.05}, {"brightness": 0.1}, {"contrast": 0.1}],
    "model": {"backbone": "resnet10t", "cut": "layer3", "head": "linear"},
    "balance": {},
    "stages": [STAGE | COSINE | {"epochs": EPOCHS}],
    "best_epoch": {"metric": "macro_f1"},
}
RETRAINED = {"epochs": 4, "batch": 32, "train": "head", "optimizer": "adamw", "rates": 2e-3}
FROZEN = {"backbone": "mobilenetv2_100", "weights": "imagenet"}
METHODS: dict[str, dict[str, Any]] = {
    "plain": {},
    "weights, balanced": {"balance": {"loss_weights": "balanced"}},
    "focal, class-balanced": {"balance": {"loss_weights": "class_balanced", "beta": 0.99}, "loss": {"focal": 2}},
    "logit adjustment": {"loss": {"logit_adjustment": 1}},
    "to number": {"balance": {"sampling": "to_number", "cells_per_class": sum(COUNTS.values()) // len(COUNTS)}},
    "mixup": {"loss": {"mixup": 0.2}},
    "two stages": {
        "stages": [
            STAGE | COSINE | {"epochs": EPOCHS - 4},
            RETRAINED | {"sampling": "class_balanced_batches", "fresh_head": True},
        ]
    },
    "frozen, linear": {
        "model": FROZEN | {"head": "linear"},
        "augmentation": [],
        "stages": [RETRAINED | {"epochs": 40}],
    },
    "frozen, prototypes": {
        "model": FROZEN | {"head": "prototypes"},
        "balance": {"loss_weights": "balanced"},
        "augmentation": [],
        "stages": [],
    },
}


@functools.cache
def cells_of(folder: Path, seed: int) -> tuple[Cohort, Split]:
    """Draw the cells of a seed, and divide them."""
    common = {"classes": 15, "size": 64, "background": "smear"}
    draw(folder / "learn", patients=40, counts=COUNTS, seed=seed, **common)
    draw(folder / "test", patients=10, counts=dict.fromkeys(COUNTS, TESTED), seed=1000 + seed, **common)
    learn, test = read_cohort(folder / "learn"), read_cohort(folder / "test")
    own = split(learn, "holdout", test=0.2, validation=0.2, seed=seed).table.with_columns(
        part=pl.when(part="test").then(pl.lit("validation")).otherwise(pl.lit("train"))
    )
    both = merge(learn, test, prefix="test")
    strangers = both.cells.join(own, on="id", how="anti").select("id", pl.col("patient").alias("group"))
    parts = pl.concat([own.select("id", "group", "part"), strangers.with_columns(part=pl.lit("test"))])
    return both, Split(parts, "file", "patient")


def run(method: str, seed: int, folder: Path, weights: Path) -> dict[str, Any]:
    """Train one method on the cells of one seed, where that is not done already; return the test part's scores."""
    out = folder / f"{method.replace(', ', '-').replace(' ', '-')}-{seed}"
    if not (out / "scores.json").is_file():
        cohort, divided = cells_of(folder / f"cells-{seed}", seed)
        changes = {**COMMON, **METHODS[method], "seed": seed}
        store = folder / "pixels"
        train("drawn", cohort, out=out, changes=changes, split=divided, weights=weights, store=store, resume=True)
    return dict(read_json(out / "scores.json")["parts"]["test"])


def apart(values: list[float], plain: list[float]) -> dict[str, float]:
    """Return the mean difference of pairs, and Student's 95 % interval of it."""
    found = [one - other for one, other in zip(values, plain, strict=True)]
    mean, reach = statistics.mean(found), 0.0
    if len(found) > 1:
        reach = stats.t.ppf(0.975, len(found) - 1) * statistics.stdev(found) / math.sqrt(len(found))
    return {"difference": round(mean, 3), "from": round(mean - reach, 3), "to": round(mean + reach, 3)}


def row(method: str, parts: list[dict[str, Any]], plain: list[float]) -> dict[str, Any]:
    """Return what is printed of a method, beside the plain one's macro-F1 by seed."""
    f1 = [part["scores"]["macro_f1"] for part in parts]
    few = [name for name, count in COUNTS.items() if count <= FEW]
    recalls = [statistics.mean(part["per_class"][name]["recall"]["value"] for name in few) for part in parts]
    values = [one["value"] for one in f1]
    return {
        "method": method,
        "macro_f1": round(statistics.mean(values), 3),
        "deviation": round(statistics.stdev(values), 3) if len(values) > 1 else None,
        "low": round(statistics.mean(one["low"] for one in f1), 3),
        "high": round(statistics.mean(one["high"] for one in f1), 3),
        **apart(values, plain),
        "accuracy": round(statistics.mean(part["scores"]["accuracy"]["value"] for part in parts), 3),
        "recall_of_rare": round(statistics.mean(recalls), 3),
    }


def main() -> None:
    """Parse and do."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--methods", nargs="*", default=list(METHODS))
    given = parser.parse_args()
    plain: list[float] = []
    for method in dict.fromkeys(["plain", *given.methods]):
        parts = [run(method, seed, given.out, given.weights) for seed in range(given.seeds)]
        plain = plain or [part["scores"]["macro_f1"]["value"] for part in parts]
        print(json.dumps(row(method, parts, plain)), flush=True)


if __name__ == "__main__":
    main()
