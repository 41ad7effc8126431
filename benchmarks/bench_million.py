"""How long a million cells take to be read, looked through for identical pictures and split, and how much memory.

Run ``python benchmarks/bench_million.py [CELLS]``. No picture is opened: the table has their hashes. Some hundred
pictures stand under two patients, as in sets in which a person has two numbers.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np
import polars as pl

from leukoscope.cohort.links import identical_pairs, linked_groups
from leukoscope.cohort.readers import read_cohort
from leukoscope.cohort.splits import make_split, make_splits, save_splits

CLASSES = ("basophil", "blast", "eosinophil", "erythroblast", "lymphocyte", "monocyte", "neutrophil", "platelet")
CELLS_OF_A_PATIENT = 100
COPIES = 100

Result = TypeVar("Result")


def write_hashes(path: Path, cells: int, seed: int = 0) -> None:
    """Write a table of hashes: ``path``, ``sha256``, ``patient``, ``label``; patients have cells of several classes."""
    random = np.random.default_rng(seed)
    patients = max(cells // CELLS_OF_A_PATIENT, 4)
    # Patients of very different size, as in a clinic.
    patient = random.choice(patients, size=cells, p=random.dirichlet(np.full(patients, 3.0)))
    usual = random.integers(len(CLASSES), size=patients)
    label = np.where(random.random(cells) < 0.7, usual[patient], random.integers(len(CLASSES), size=cells))
    picture = np.arange(cells)
    copied = random.choice(cells, size=cells // COPIES, replace=False)
    same_class = label[copied[1::2]] == label[copied[0::2][: len(copied[1::2])]]
    picture[copied[1::2][same_class]] = picture[copied[0::2][: len(copied[1::2])][same_class]]
    hashes = [hashlib.sha256(int(one).to_bytes(8, "big")).hexdigest() for one in picture]
    table = {
        "path": pl.Series([f"{one // 1000:04d}/{one:07d}.png" for one in range(cells)]),
        "sha256": pl.Series(hashes),
        "patient": pl.Series([f"P{one:05d}" for one in patient]),
        "label": pl.Series(np.array(CLASSES)[label]),
    }
    pl.DataFrame(table).write_csv(path)


def timed(what: str, step: Callable[[], Result]) -> Result:
    """Do a step and print how long it took and the largest memory so far."""
    started = time.perf_counter()
    result = step()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{what:<44} {time.perf_counter() - started:7.1f} s   peak memory so far {peak:7,.0f} MB", flush=True)
    return result


def measure(path: Path, folder: Path) -> None:
    """Read a table of hashes, find identical pictures, split in every way, write the folds."""
    cohort = timed("read the table", lambda: read_cohort(path))
    pairs = timed("find identical pictures", lambda: identical_pairs(cohort.cells.select("id", "sha256")))
    groups = timed(f"link patients ({pairs.height:,} pairs)", lambda: linked_groups(cohort, pairs))
    print(f"  {len(groups.joined):,} linked groups of several patients")
    timed("hold-out by patient", lambda: make_split("holdout", cohort, groups, seed=0))
    timed("hold-out by cell", lambda: make_split("holdout", cohort, groups, by="cell", seed=0, allow_leakage="timing"))
    folds = timed("five folds by patient", lambda: make_splits("folds", cohort, groups, seed=0))
    timed("write the folds", lambda: save_splits(folds, folder / "folds.parquet"))


def main() -> None:
    """Make the table in another process, so that its memory does not count, and measure."""
    cells = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as temporary:
        path = Path(temporary) / "hashes.csv"
        writing = multiprocessing.get_context("spawn").Process(target=write_hashes, args=(path, cells))
        writing.start()
        writing.join()
        measure(path, Path(temporary))


if __name__ == "__main__":
    main()
