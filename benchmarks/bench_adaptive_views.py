"""How many views of a cell the rule for fewer views spares, and how many real cells it calls otherwise.

Run: python benchmarks/bench_adaptive_views.py --data SHARED --weights WEIGHTS --out FOLDER
     [--epochs 3] [--only cnmc-0,cnmc-1]

SHARED holds ``cnmc`` and ``pbc``. On each set, fold by fold, the recipe ``quick`` is trained with 8 rotations: C-NMC by
patient; PBC, whose patients are not known, by cell, granulocytes against all others. The rule is fixed on the
validation part of a fold, and applied to its test part, on which nothing was chosen. Pooled over the test parts, where
each cell stands once: how many times fewer views are looked at, and how many cells are called otherwise than by the
mean of 8 rotations. A run that is finished is not trained again.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import torch

from leukoscope import Cohort, read_cohort, train
from leukoscope.bundles import load_bundle
from leukoscope.cohort.classes import Classes
from leukoscope.evaluation.thresholds import Threshold
from leukoscope.pictures.batches import CellData
from leukoscope.pictures.intake import take_in
from leukoscope.predictions.table import Predictions
from leukoscope.runs.fewer_views import fewer_views
from leukoscope.runs.learned import Said
from leukoscope.runs.run import Run

GRANULOCYTES = ("basophil", "eosinophil", "ig", "neutrophil")
FEWER_PASSES, UNCHANGED, CELLS = 2.5, 0.995, 2000
CPU = torch.device("cpu")


def cnmc(data: Path) -> Cohort:
    """Return C-NMC as it is."""
    return read_cohort(data / "cnmc", "cnmc")


def pbc(data: Path) -> Cohort:
    """Return PBC as granulocytes and other cells."""
    whole = read_cohort(data / "pbc", "pbc")
    granulocyte = pl.when(pl.col("label").is_in(GRANULOCYTES)).then(pl.lit("granulocyte")).otherwise(pl.lit("other"))
    cells = whole.labelled.select("id", "path", label=granulocyte)
    return Cohort.from_cells("pbc", whole.root, cells, Classes(("other", "granulocyte")))


SETS: dict[str, tuple[Callable[[Path], Cohort], int]] = {"cnmc": (cnmc, 3), "pbc": (pbc, 2)}
"""How each set is read, and its folds."""


def trained(name: str, cohort: Cohort, fold: int, options: argparse.Namespace) -> Run:
    """Return the run of a fold; one that is there is taken."""
    folder = options.out / f"{name}-{fold}"
    if (folder / "report.html").is_file():
        return Run(folder)
    split = {"kind": "folds", "folds": SETS[name][1], "fold": fold, "validation": 0.25}
    changes = {"split": split, "test_time": {"rotations": 8}, "stages.1.epochs": options.epochs}
    store = options.out / f"store-{name}"
    return train("quick", cohort, out=folder, weights=options.weights, changes=changes, store=store, device="cpu")


def cells_of(predictions: Predictions, cohort: Cohort, run: Run, store: Path) -> CellData:
    """Return the cells of predictions as rows of the store of framed pictures."""
    found = take_in(cohort, framing=load_bundle(run.bundle).framing, store=store)
    assert found.store is not None, "asked for"
    table = predictions.table.select("id", "label").join(found.pictures, on="id", how="left", maintain_order="left")
    labels = table["label"].replace_strict({name: place for place, name in enumerate(cohort.classes.names)})
    return CellData(found.store, found.store.rows(table["sha256"]), table["id"].to_list(), labels.to_numpy())


def measure(name: str, cohort: Cohort, fold: int, options: argparse.Namespace) -> dict[str, Any]:
    """Fix the rule on a fold's validation part, apply it to the test part."""
    run = trained(name, cohort, fold, options)
    kept = options.out / f"{name}-{fold}.json"
    if kept.is_file():
        return dict(json.loads(kept.read_text()))
    bundle, said = load_bundle(run.bundle), {part: run.predictions(part) for part in ("validation", "test")}
    parts = {part: cells_of(table, cohort, run, options.out / f"store-{name}") for part, table in said.items()}
    assert bundle.threshold is not None, "two classes have one"
    threshold = Threshold(bundle.threshold, "the run's", 0.0)
    views = bundle.card.test_time
    result = fewer_views(bundle.model, parts, Said(said["validation"], said["test"], threshold), views, CPU)
    found = result.scores["adaptive_views"] | {"roc_auc": run.scores["parts"]["test"]["scores"]["roc_auc"]["value"]}
    kept.write_text(json.dumps(found))
    return found


def row(name: str, found: dict[str, Any]) -> str:
    """Return a line of the table."""
    parts = [
        f"{part['cells']:>7,} {found['views'] / part['views_per_cell']:>7.2f} {part['changed']:>8}"
        for part in found["parts"].values()
    ]
    margins = ", ".join(f"{margin:.2f}" for margin in found["rule"]["margins"])
    return " ".join([f"{name:<8}", f"{found['roc_auc']:>6.3f}", *parts, f"  {margins}"])


def verdict(tests: list[dict[str, Any]], views: int) -> None:
    """Print what was asked beside what was measured, all test parts together."""
    cells, changed = (sum(part[name] for part in tests) for name in ("cells", "changed"))
    passes = sum(part["cells"] * part["views_per_cell"] for part in tests) / cells
    print(f"\n{'':<34} {'asked':>8} {'measured':>9}")
    print(f"{'test cells, each once':<34} {CELLS:>8,} {cells:>9,}")
    print(f"{f'{views} views / views looked at':<34} {FEWER_PASSES:>8.2f} {views / passes:>9.2f}")
    print(f"{'called as by all views':<34} {UNCHANGED:>8.2%} {1 - changed / cells:>9.2%}")
    print(f"{changed} of {cells:,} cells are called otherwise.")


def main() -> None:
    """Measure fold by fold and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="the folder with cnmc and pbc")
    parser.add_argument("--weights", type=Path, required=True, help="the folder with pretrained weights")
    parser.add_argument("--out", type=Path, required=True, help="where runs and results are kept")
    parser.add_argument("--epochs", type=int, default=3, help="of the second stage")
    parser.add_argument("--only", default="", help="folds to measure, with commas; empty: all")
    options = parser.parse_args()
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", os.cpu_count() or 1)))
    print(f"{'':<15} {'validation':>24} {'test':>24}")
    print(f"{'fold':<8} {'AUC':>6} " + " ".join([f"{'cells':>7} {'spared':>7} {'changed':>8}"] * 2) + "   margins")
    wanted, tests, views = options.only.split(","), [], 0
    for name, (read, folds) in SETS.items():
        cohort = read(options.data)
        for fold in range(folds):
            if options.only and f"{name}-{fold}" not in wanted:
                continue
            found = measure(name, cohort, fold, options)
            print(row(f"{name}-{fold}", found), flush=True)
            tests.append(found["parts"]["test"])
            views = found["views"]
    verdict(tests, views)


if __name__ == "__main__":
    main()
