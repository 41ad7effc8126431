"""How long scores with 2,000 resamples take, and how much memory.

Run ``python benchmarks/bench_intervals.py``.
"""

from __future__ import annotations

import resource
import time

import numpy as np
import polars as pl

from leukoscope.cohort.classes import Classes
from leukoscope.evaluation import evaluate
from leukoscope.evaluation.ranking import win_matrix
from leukoscope.evaluation.resampling import replicate_weights
from leukoscope.evaluation.units import units_of
from leukoscope.predictions.table import Predictions, probability_column


def drawn(cells: int, classes: int, groups: int | None, seed: int = 0) -> Predictions:
    """Draw predictions of as many cells, spread over groups of one class each, or without any group."""
    random = np.random.default_rng(seed)
    group = random.integers(groups or cells, size=cells)
    truth = group % classes if groups else random.integers(classes, size=cells)
    logits = random.normal(size=(cells, classes)) + 1.5 * np.eye(classes)[truth]
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    names = [f"class{place}" for place in range(classes)]
    table = {
        "id": [str(cell) for cell in range(cells)],
        "patient": [f"P{one}" if groups else None for one in group],
        "label": [names[place] for place in truth],
    }
    columns = {probability_column(name): shares[:, place] for place, name in enumerate(names)}
    return Predictions(pl.DataFrame(table | columns), Classes(tuple(names)))


def area_alone(predictions: Predictions, replicates: int) -> float:
    """Return the seconds that the ROC AUC alone takes, through the win matrix."""
    truth = (predictions.table["label"] == "class1").to_numpy()
    units = units_of(predictions.table, truth.astype(np.int64), np.full(len(truth), -1), 2)
    scores = predictions.probabilities()[:, 1]
    holding = np.array([np.bincount(units.code[truth == one], minlength=units.number) > 0 for one in (False, True)])
    weights = np.hstack(list(replicate_weights(units, holding, replicates, 0)))
    started = time.perf_counter()
    wins = win_matrix(scores, truth, units.code, units.number)
    sides = [np.bincount(units.code[truth == one], minlength=units.number) @ weights for one in (False, True)]
    _ = ((wins @ weights) * weights).sum(axis=0) / (sides[0] * sides[1])
    return time.perf_counter() - started


def main() -> None:
    """Print a line for each case."""
    cases = {
        "2 classes, 10,000 cells, 100 patients": (10_000, 2, 100),
        "8 classes, 17,000 cells, patients unknown": (17_000, 8, None),
    }
    print(f"ROC AUC alone, 10,000 cells, 100 patients: {area_alone(drawn(10_000, 2, 100), 2000):.3f} s")
    for name, case in cases.items():
        predictions = drawn(*case)
        started = time.perf_counter()
        evaluate(predictions, replicates=2000)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{name}: {time.perf_counter() - started:.2f} s, peak memory so far {peak:,.0f} MB")


if __name__ == "__main__":
    main()
