"""Where there is no difference a test at 5 % rejects at most 5 times in a hundred; where there is one it finds it.

A rate is allowed as long as the exact 99 % interval of its proportion reaches down to 5 %.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl
import pytest
from scipy.special import expit

from leukoscope.cohort.classes import Classes
from leukoscope.evaluation import PairedDifference, Proportion, compare_pair, proportion
from leukoscope.evaluation.significance import (
    ALTERNATIVES,
    Alternative,
    corrected_t,
    delong,
    holm,
    mann_whitney,
    mcnemar,
    wilcoxon,
)
from leukoscope.predictions.table import Predictions

PAIR = Classes(("reactive", "tumoral"))
Draw = Callable[[np.random.Generator, int, float], float]


def rate(draw: Draw, times: int, size: int, *, edge: float = 0.0) -> Proportion:
    """Return how often p is 0.05 or less over drawn data whose first side is ``edge`` better."""
    found = [draw(np.random.default_rng([seed, size, 17]), size, edge) for seed in range(times)]
    return proportion(int(np.sum(np.array(found) <= 0.05)), times, 0.99)


def at_most_five_in_a_hundred(found: Proportion) -> bool:
    assert found.low is not None
    return found.low <= 0.05


def unpaired(alternative: Alternative, digits: int) -> Draw:
    def draw(random: np.random.Generator, runs: int, edge: float) -> float:
        first, second = random.normal(edge, 1, runs).round(digits), random.normal(0, 1, runs + 1).round(digits)
        return mann_whitney(first, second, alternative=alternative).p

    return draw


def paired(alternative: Alternative, digits: int) -> Draw:
    def draw(random: np.random.Generator, runs: int, edge: float) -> float:
        seed = random.normal(0, 2, runs)
        first, second = (seed + random.normal(better, 0.7, runs) for better in (edge, 0))
        return wilcoxon(first.round(digits), second.round(digits), alternative=alternative).p

    return draw


def folded(random: np.random.Generator, cells: int, edge: float) -> float:
    """Two classifiers by the nearer mean, each of features of its own, on the same five folds."""
    ill, fold = np.arange(cells) % 2, random.permutation(np.arange(cells) % 5)
    sides = [random.normal(size=(cells, 5)) + (0.4 + better) * ill[:, None] for better in (edge, 0)]
    scores = [[_accuracy(side, ill, fold == number) for number in range(5)] for side in sides]
    p = corrected_t(scores[0], scores[1], folds=5).p
    return 1.0 if p is None else p


def _accuracy(features: np.ndarray, ill: np.ndarray, test: np.ndarray) -> float:
    means = [features[~test & (ill == one)].mean(axis=0) for one in (0, 1)]
    far, near = (((features[test] - mean) ** 2).sum(axis=1) for mean in means)
    return float(((far > near) == ill[test]).mean())


def a_family(random: np.random.Generator, runs: int, edge: float) -> float:
    """Four variants against one: the smallest corrected p."""
    base = random.normal(edge, 1, runs)
    return min(holm([mann_whitney(base, random.normal(0, 1, runs)).p for _ in range(4)]))


def an_uncorrected_family(random: np.random.Generator, runs: int, edge: float) -> float:
    base = random.normal(edge, 1, runs)
    return min(mann_whitney(base, random.normal(0, 1, runs)).p for _ in range(4))


def calls(alternative: Alternative) -> Draw:
    def draw(random: np.random.Generator, patients: int, edge: float) -> float:
        hard = random.normal(-1, 1, patients)
        first, second = (random.normal(0, 1, patients) + better > hard for better in (edge, 0))
        return mcnemar(first, second, alternative=alternative).p

    return draw


def areas(alternative: Alternative) -> Draw:
    def draw(random: np.random.Generator, patients: int, edge: float) -> float:
        ill = np.arange(patients) % 2 == 1
        shared = 2 * ill + random.normal(0, 0.8, patients)
        first, second = (shared + better * ill + random.normal(0, 0.6, patients) for better in (edge, 0))
        p = delong(ill, first, second, alternative=alternative).p
        return 1.0 if p is None else p

    return draw


def areas_of_cells(random: np.random.Generator, patients: int, edge: float) -> float:
    """What must not be done: each model sees a patient's cells alike, and each cell is counted as if it were one."""
    ill = np.arange(patients) % 2 == 1
    cells = np.repeat(np.arange(patients), 15)
    first, second = (
        (2 + better) * ill[cells] + random.normal(0, 1, patients)[cells] + random.normal(0, 0.7, len(cells))
        for better in (edge, 0)
    )
    p = delong(ill[cells], first, second).p
    return 1.0 if p is None else p


def clustered(score: str, *, as_cells: bool = False) -> Draw:
    """Cells of patients, every other two of them linked; what a model gets wrong it gets wrong in a whole group."""

    def draw(random: np.random.Generator, patients: int, edge: float) -> float:
        group = np.arange(patients) // 2
        size = random.integers(3, 12, patients)
        code = np.repeat(np.arange(patients), size)
        ill, shared = group % 2, random.normal(0, 0.8, patients)
        sides = []
        for better in (edge, 0.0):
            of_patient = (2 + better) * (ill - 0.5) + shared + random.normal(0, 0.6, patients)[group]
            share = expit(of_patient[code] + random.normal(0, 0.7, len(code)))
            sides.append(_table(code, group, ill, share, as_cells=as_cells))
        found: PairedDifference = compare_pair(sides[0], sides[1], score=score, replicates=200)
        assert found.unit == ("cell" if as_cells else "linked group of patients")
        return 1.0 if found.p is None else found.p

    return draw


def _table(code: np.ndarray, group: np.ndarray, ill: np.ndarray, share: np.ndarray, *, as_cells: bool) -> Predictions:
    table = {
        "id": [str(row) for row in range(len(code))],
        "patient": [None if as_cells else f"P{one}" for one in code],
        "group": [None if as_cells else f"G{group[one]}" for one in code],
        "label": np.array(PAIR.names)[ill[code]],
        "p_reactive": 1 - share,
        "p_tumoral": share,
    }
    return Predictions(pl.DataFrame(table, schema_overrides={"patient": pl.String, "group": pl.String}), PAIR, "cell")


EVERY = {
    "mann_whitney": (unpaired("two-sided", 9), 6, 2.5),
    "mann_whitney, greater": (unpaired("greater", 9), 5, 2.5),
    "mann_whitney, ties": (unpaired("two-sided", 0), 8, 2.5),
    "wilcoxon": (paired("two-sided", 9), 8, 1.5),
    "wilcoxon, greater": (paired("greater", 9), 5, 1.5),
    "wilcoxon, ties": (paired("two-sided", 0), 9, 2.0),
    "corrected_t": (folded, 100, 1.0),
    "holm": (a_family, 6, 3.0),
    "mcnemar": (calls("two-sided"), 60, 1.5),
    "mcnemar, greater": (calls("greater"), 25, 2.0),
    "delong": (areas("two-sided"), 60, 2.0),
    "delong, greater": (areas("greater"), 60, 2.0),
}
"""Name: how p is drawn, with how many runs or patients, and what edge such a test should find."""


@pytest.mark.parametrize("name", EVERY)
def test_at_most_five_in_a_hundred_are_false_alarms(name: str) -> None:
    draw, size, edge = EVERY[name]
    assert at_most_five_in_a_hundred(rate(draw, 120, size))
    power = rate(draw, 20, size, edge=edge).value
    assert power is not None
    assert power >= 0.6


def test_cells_counted_as_patients_are_false_alarms() -> None:
    """Why DeLong is for patients: were each cell one, it would find what is not there."""
    found = rate(areas_of_cells, 60, 20)
    assert found.low is not None
    assert found.low > 0.1


def test_the_clustered_bootstrap_holds_its_five_in_a_hundred_where_one_over_cells_does_not() -> None:
    assert at_most_five_in_a_hundred(rate(clustered("balanced_accuracy"), 30, 60))
    over_cells = rate(clustered("balanced_accuracy", as_cells=True), 20, 60)
    assert over_cells.low is not None
    assert over_cells.low > 0.05
    power = rate(clustered("balanced_accuracy"), 6, 60, edge=4.0).value
    assert power is not None
    assert power >= 0.75


@pytest.mark.torture
@pytest.mark.parametrize("alternative", ALTERNATIVES)
@pytest.mark.parametrize("size", [5, 10, 24])
def test_tests_over_runs_hold_at_every_number_of_seeds(alternative: Alternative, size: int) -> None:
    for digits in (9, 0):
        for kind in (unpaired, paired):
            found = rate(kind(alternative, digits), 4000, size)
            print(kind.__name__, alternative, size, digits, found)  # noqa: T201 - the figures of the docs
            assert at_most_five_in_a_hundred(found)


@pytest.mark.torture
@pytest.mark.parametrize("alternative", ALTERNATIVES)
@pytest.mark.parametrize("size", [14, 28, 60, 160])
def test_tests_over_patients_hold_at_every_number_of_patients(alternative: Alternative, size: int) -> None:
    for kind in (calls, areas):
        found = rate(kind(alternative), 2000, size)
        print(kind.__name__, alternative, size, found)  # noqa: T201 - the figures of the docs
        assert at_most_five_in_a_hundred(found)


@pytest.mark.torture
def test_a_family_holds_where_its_plain_values_do_not() -> None:
    corrected, plain = rate(a_family, 4000, 6), rate(an_uncorrected_family, 4000, 6)
    print("holm", corrected, "uncorrected", plain)  # noqa: T201 - the figures of the docs
    assert at_most_five_in_a_hundred(corrected)
    assert not at_most_five_in_a_hundred(plain)


@pytest.mark.torture
@pytest.mark.parametrize("score", ["roc_auc", "balanced_accuracy", "weighted_f1"])
@pytest.mark.parametrize("size", [56, 120])
def test_the_clustered_bootstrap_holds(score: str, size: int) -> None:
    found = rate(clustered(score), 1000, size)
    print("compare_pair", score, size, found)  # noqa: T201 - the figures of the docs
    assert at_most_five_in_a_hundred(found)
