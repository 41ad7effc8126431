"""Coverage of the conformal band, and calibration errors, by simulation on drawn patients.

Run: python benchmarks/bench_coverage.py FOLDER [--patients 1000] [--cells 20] [--side 48] [--fit 40] [--repeats 2000]

A network of patients (frozen backbone of ``bench_drawn_patients``, the mean of the cells' logits) learns once on
patients of its own. Then, again and again: of a large pool of other patients, ``--fit`` of each class are drawn as the
validation part; a calibrator and bands are fitted on them, as ``fit_referral`` does.

Coverage is counted on **one** further patient of each class a repeat, drawn from those that are left. Whoever is in the
pool, a random order of patients keeps the promise exactly, and one patient a repeat makes the repeats independent
trials; so the interval over all of them is the binomial one (Clopper & Pearson 1934). The promise is a coverage of at
least c and, where no two patients have the same score, ceil((n + 1) c) / (n + 1): both stand in the table. How far one
band's coverage lies from that is measured on all patients that are left, beside what ``Band.likely_coverage`` says.
The expected calibration error (ten bins) is measured on all patients that are left, before and after.
"""

from __future__ import annotations

import argparse
import math
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from bench_drawn_patients import (
    POOL_SEED,
    cell_bundle,
    learn,
    logits,
    parts,
    patient_model,
    predictions,
    read_pool,
)
from sklearn.metrics import roc_auc_score

from leukoscope.drawn import draw_cohort
from leukoscope.errors import LeukoscopeWarning
from leukoscope.evaluation import calibration_gain, fit_band, fit_calibrator
from leukoscope.evaluation.proportions import proportion
from leukoscope.predictions import Predictions
from leukoscope.randomness import generator

COVERAGES, KINDS = (0.8, 0.9, 0.95), ("none", "platt", "isotonic")
SHARE, TRAINING = 0.2, 200
GAINS = 200


@dataclass
class Count:
    """What is counted for one coverage and kind of calibration.

    Args:
        covered: Of the one new patient of each class and repeat, whether its class was in the set.
        own: The coverage of each repeat's band on all patients that are left, by class (normal, leukaemic).
        alone: The share of patients that are left whom the band leaves one class.
    """

    covered: list[bool] = field(default_factory=list)
    own: list[tuple[float, float]] = field(default_factory=list)
    alone: list[float] = field(default_factory=list)


def arguments() -> argparse.Namespace:
    """Read the options."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "folder", type=Path, help="where drawn cells and the backbone lie; may be the other benchmark's"
    )
    parser.add_argument("--patients", type=int, default=1000, help="of the pool")
    parser.add_argument("--cells", type=int, default=20, help="of a patient")
    parser.add_argument("--side", type=int, default=48, help="of a picture, px")
    parser.add_argument("--fit", type=int, default=40, help="validation patients of each class")
    parser.add_argument("--repeats", type=int, default=2000, help="validation parts that are drawn")
    return parser.parse_args()


def diagnosed(options: argparse.Namespace) -> Predictions:
    """Return the pool's patients with the probabilities of a network that never saw them."""
    bundle = cell_bundle(options.folder, options.side)
    drawn = {"cells": options.cells, "size": options.side, "malignant_share": SHARE}
    pools = []
    for number, seed in ((TRAINING, POOL_SEED + 1), (options.patients, POOL_SEED + 2)):
        folder = options.folder / f"coverage-{number}x{options.cells}-{options.side}px"
        pools.append(read_pool(draw_cohort(folder, patients=number, seed=seed, **drawn), bundle))
    model = patient_model(bundle, "mean", seed=0)
    train, validation, test = parts(pools[0].labels, seed=0)
    learn(model, pools[0], np.concatenate([train, test]), validation, seed=0)
    with torch.inference_mode():
        return predictions(logits(model, pools[1], np.arange(options.patients)), pools[1].labels)


def draws(truth: np.ndarray, fit: int, repeats: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Give patients to fit on, so many of each class, and those that are left, the first two one of each class."""
    for repeat in range(repeats):
        orders = [
            generator(0, "draw", repeat, side).permutation(np.flatnonzero(truth == side)) for side in (False, True)
        ]
        left = [order[fit:] for order in orders]
        firsts = [some[0] for some in left]
        yield np.concatenate([order[:fit] for order in orders]), np.array([*firsts, *left[0][1:], *left[1][1:]])


def simulate(pool: Predictions, options: argparse.Namespace) -> tuple[dict[tuple[str, float], Count], dict[str, list]]:
    """Return the counts of each kind and coverage, and the calibration errors of each kind, before and after."""
    truth = (pool.table["label"] == "all").to_numpy()
    counts = {(kind, coverage): Count() for kind in KINDS for coverage in COVERAGES}
    errors: dict[str, list[tuple[float, float]]] = {kind: [] for kind in KINDS if kind != "none"}
    for repeat, (fit, left) in enumerate(draws(truth, options.fit, options.repeats)):
        validation, rest = (Predictions(pool.table[rows], pool.classes, pool.unit) for rows in (fit, left))
        for kind in KINDS:
            calibrator = fit_calibrator(validation, kind)
            ready, new = calibrator.apply(validation), calibrator.apply(rest)
            for coverage in COVERAGES:
                count_one(counts[kind, coverage], fit_band(ready, coverage).sets(new), truth[left])
            if kind != "none" and repeat < GAINS:
                errors[kind].append(calibration_gain(rest, calibrator).ece)
    return counts, errors


def count_one(count: Count, sets: np.ndarray, truth: np.ndarray) -> None:
    """Add what one band did; the first two patients are the new ones."""
    inside = sets[np.arange(len(truth)), truth.astype(int)]
    count.covered += inside[:2].tolist()
    count.own.append((inside[~truth].mean(), inside[truth].mean()))
    count.alone.append(float((sets.sum(axis=1) == 1).mean()))


def row(kind: str, coverage: float, count: Count, fit: int) -> str:
    """Return a line of the table of coverages."""
    found, exact = (
        proportion(sum(count.covered), len(count.covered)),
        math.ceil((fit + 1) * coverage - 1e-9) / (fit + 1),
    )
    low, high = np.quantile(np.array(count.own), [0.025, 0.975])
    kept = "yes" if found.high is not None and found.high >= coverage else "NO"
    return (
        f"| {kind} | {100 * coverage:g} % | {100 * exact:.1f} % | {found} | {kept} | {low:.3f} to {high:.3f} "
        f"| {np.mean(count.alone):.3f} |"
    )


def main() -> None:
    """Simulate and print."""
    options, started = arguments(), time.perf_counter()
    options.folder.mkdir(parents=True, exist_ok=True)
    pool = diagnosed(options)
    truth = (pool.table["label"] == "all").to_numpy()
    print(f"{time.perf_counter() - started:.0f} s: {options.patients:,} patients of {options.cells} cells diagnosed.")
    print(f"ROC AUC over the pool {roc_auc_score(truth, pool.table['logit'].to_numpy()):.3f}")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LeukoscopeWarning)  # isotonic steps on few patients: what is measured here
        counts, errors = simulate(pool, options)
        band = fit_band(Predictions(pool.table[next(draws(truth, options.fit, 1))[0]], pool.classes, pool.unit), 0.9)
    print(f"{time.perf_counter() - started:.0f} s: {options.repeats:,} validation parts of {options.fit} a class.\n")
    print("| calibration | promised | exactly | covered (95 % interval) | kept | 95 % of bands | one class left |")
    print("|---|---|---|---|---|---|---|")
    for (kind, coverage), count in counts.items():
        print(row(kind, coverage, count, options.fit))
    low, high = band.likely_coverage()["all"]
    print(f"\nlikely_coverage says of a band of 90 %: {low:.3f} to {high:.3f} in 95 of 100 validation parts.\n")
    print(f"Expected calibration error, mean over {len(errors['platt'])} validation parts:")
    for kind, pairs in errors.items():
        before, after = np.mean(pairs, axis=0)
        deviations = np.std(pairs, axis=0)
        print(f"{kind:<10} {before:.3f} ± {deviations[0]:.3f} before, {after:.3f} ± {deviations[1]:.3f} after")


if __name__ == "__main__":
    main()
