from __future__ import annotations

import numpy as np

from leukoscope.cohort.classes import Classes
from leukoscope.evaluation.pairs import less_pairs
from leukoscope.evaluation.resampling import replicate_weights
from leukoscope.evaluation.tallies import Material, Tallies
from leukoscope.evaluation.units import Units

TWO = Classes(("hem", "all"))


def sides(seed: int, patients: int, shared: float) -> list[Tallies]:
    random = np.random.default_rng(seed)
    truth = (np.arange(patients) % 2).astype(np.int64)
    base, found = shared * random.normal(size=patients) + 2 * (truth - 0.5), []
    units = Units(np.arange(patients), truth, np.ones(patients, dtype=np.int64), "patient")
    for _ in range(2):
        share = 1 / (1 + np.exp(-base - random.normal(size=patients) * np.sqrt(1 - shared**2)))
        found.append(
            Tallies(Material(truth, (share > 0.5).astype(np.int64), np.stack([1 - share, share], 1), TWO, units))
        )
    return found


def spread_of(pair: list[Tallies]) -> float:
    material = pair[0].material
    drawn = [
        np.subtract(*(side.scores(weights)[None, "roc_auc"] for side in pair))
        for weights in replicate_weights(material.units, material.holding, 400, 0)
    ]
    return float(np.concatenate(drawn).std())


def test_the_corrected_variance_is_that_of_many_cohorts() -> None:
    # Over 6,000 cohorts: 1.56 times the true variance before, 0.95 times after.
    pairs = [sides(seed, 20, 0.95) for seed in range(500)]
    ones = np.ones((20, 1))
    true = np.var([np.subtract(*(side.scores(ones)[None, "roc_auc"] for side in pair)) for pair in pairs])
    plain = np.array([spread_of(pair) for pair in pairs[:120]])
    mended = np.array([less_pairs(spread, *pair) for spread, pair in zip(plain, pairs[:120], strict=True)])
    assert (mended <= plain).all()
    assert abs((mended**2).mean() / true - 1) < 0.25
    assert (plain**2).mean() / true > 1.3


def test_units_of_both_classes_are_left_as_they_are() -> None:
    first, second = sides(0, 8, 0.5)
    mixed = Units(np.arange(8) // 2, np.zeros(4, dtype=np.int64), np.full(4, 2), "patient")
    made = [
        Tallies(Material(one.material.truth, one.material.called, one.material.probabilities, TWO, mixed))
        for one in (first, second)
    ]
    assert less_pairs(0.3, *made) == 0.3
