"""Do intervals of 95 % hold the truth 95 times in a hundred? Measured on drawn cohorts whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit

from leukoscope.cohort.classes import Classes
from leukoscope.evaluation.names import Key
from leukoscope.evaluation.scores import Score
from leukoscope.evaluation.scoring import Resampling, plain_scores, scores_with_intervals
from leukoscope.evaluation.tallies import Material, Tallies
from leukoscope.evaluation.units import Units

TWO = Classes(("hem", "all"))
SCORES = ("accuracy", "balanced_accuracy", "sensitivity", "specificity", "weighted_f1", "macro_f1", "mcc", "brier")
KEYS: list[Key] = [(None, name) for name in (*SCORES, "roc_auc", "pr_auc", "log_loss")] + [("all", "precision")]
ECE: Key = (None, "ece")


def cohort(
    random: np.random.Generator, *, ill: int, healthy: int, shift: float, effect: float, uneven: float
) -> Material:
    """Patients of uneven numbers of cells, whose cells share an effect on the logit."""
    patients = ill + healthy
    label = np.repeat([1, 0], [ill, healthy])
    size = np.maximum(2, np.exp(random.normal(np.log(20), uneven, patients))).astype(int)
    code = np.repeat(np.arange(patients), size)
    logit = shift * (label[code] - 0.5) + effect * random.normal(size=patients)[code] + random.normal(size=len(code))
    share = expit(logit)
    units = Units(code, label, size, "patient")
    return Material(label[code], (share >= 0.5).astype(np.int64), np.stack([1 - share, share], axis=1), TWO, units)


def by_cell(material: Material) -> Material:
    rows = np.arange(len(material.truth))
    units = Units(rows, material.truth, np.ones_like(rows), "cell")
    return Material(material.truth, material.called, material.probabilities, TWO, units)


def truth_of(**setting: float) -> dict[Key, float]:
    many = {name: value * 100 if name in ("ill", "healthy") else value for name, value in setting.items()}
    found = [plain_scores(Tallies(cohort(np.random.default_rng(seed), **many))) for seed in range(8)]  # type: ignore[arg-type]
    return {key: float(np.mean([one[key] for one in found])) for key in found[0]}


def holds(score: Score, truth: float) -> bool:
    return score.low is not None and score.high is not None and score.low <= truth <= score.high


def coverage(cohorts: int, replicates: int, **setting: float) -> tuple[dict[Key, float], dict[Key, float]]:
    """Return how often intervals by patient, and by cell, hold the truth."""
    truth, how = truth_of(**setting), Resampling(replicates=replicates)
    hits: dict[Key, list[bool]] = {key: [] for key in [*KEYS, ECE]}
    alone: dict[Key, list[bool]] = {key: [] for key in KEYS}
    for seed in range(cohorts):
        material = cohort(np.random.default_rng([seed, 1]), **setting)  # type: ignore[arg-type]
        found = scores_with_intervals(Tallies(material), how)
        for key, hit in hits.items():
            hit.append(holds(found[key], truth[key]))
        if seed < 40:
            cells = scores_with_intervals(Tallies(by_cell(material)), Resampling(replicates=100))
            for key, hit in alone.items():
                hit.append(holds(cells[key], truth[key]))
    means = [{key: float(np.mean(hit)) for key, hit in side.items()} for side in (hits, alone)]
    return means[0], means[1]


def test_intervals_by_patient_hold_the_truth_where_those_by_cell_fail() -> None:
    by_patient, cells = coverage(100, 200, ill=13, healthy=15, shift=3.0, effect=1.0, uneven=0.6)
    assert 0.92 <= np.mean([by_patient[key] for key in KEYS]) <= 0.985
    assert min(by_patient.values()) >= 0.87  # 0.95 less four standard errors of 100 cohorts
    assert by_patient[ECE] >= 0.93
    assert np.mean(list(cells.values())) < 0.6


@pytest.mark.torture
@pytest.mark.parametrize(
    "setting",
    [
        {"ill": 13, "healthy": 15, "shift": 2.0, "effect": 1.0, "uneven": 0.8},
        {"ill": 20, "healthy": 8, "shift": 4.0, "effect": 1.0, "uneven": 0.5},
        {"ill": 6, "healthy": 6, "shift": 2.0, "effect": 1.0, "uneven": 0.5},
        {"ill": 25, "healthy": 25, "shift": 3.0, "effect": 0.8, "uneven": 0.3},
    ],
    ids=lambda setting: f"{setting['ill']} and {setting['healthy']} patients",
)
def test_coverage_is_93_to_98_in_a_hundred(setting: dict[str, float]) -> None:
    by_patient, cells = coverage(1000, 500, **setting)
    shown = {name or score: f"{100 * value:.1f}" for (name, score), value in by_patient.items()}
    print(setting, shown, f"by cell {100 * np.mean(list(cells.values())):.0f}")  # noqa: T201 - the table of the docs
    error = 2 * np.sqrt(0.95 * 0.05 / 1000)
    assert min(by_patient.values()) >= 0.93 - error
    assert max(by_patient[key] for key in KEYS) <= 0.98 + error
    assert 0.93 <= np.mean([by_patient[key] for key in KEYS]) <= 0.98
    assert np.mean(list(cells.values())) < 0.8
