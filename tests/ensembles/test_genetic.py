"""The genetic search: finds a known optimum, is never worse than equal weights, and the same again."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leukoscope.cohort.classes import Classes
from leukoscope.ensembles import Average, Genetic, Rows
from leukoscope.ensembles.evolution import Odds, evolve
from leukoscope.ensembles.fitness import Fitness

MakeRows = Callable[..., Rows]
BEST = np.array([0.6, 0.3, 0.1])


def with_known_optimum(seed: int) -> Rows:
    """Return 200 cells that are all called right by weights within 0.05 of ``BEST``, and by no others."""
    chance = np.random.default_rng(seed).random((3, 200))
    truth = (BEST @ chance >= 0.5).astype(np.int64)
    return Rows(("a", "b", "c"), Classes(("hem", "all")), np.stack([1 - chance, chance], axis=2), truth)


@pytest.mark.parametrize("seed", range(4))
def test_it_finds_the_known_optimum(seed: int) -> None:
    rows = with_known_optimum(seed)
    steps = np.linspace(0, 1, 21)
    grid = np.array([(a, b, 1 - a - b) for a in steps for b in steps if a + b <= 1 + 1e-9]).clip(0)
    reached = Fitness.of(rows)(grid)
    far = np.abs(grid - BEST).max(axis=1) > 0.06
    assert reached[far].max() < 1, "no other weights of the grid do it"
    found = Genetic().fit(rows, seed=0)
    assert found.told["fitness"] == 1.0
    assert np.abs(np.array(found.weights) - BEST).max() < 0.05
    assert found.told["fitness_of_equal_weights"] < 0.9


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 9999), members=st.integers(2, 5), classes=st.integers(2, 3), rows=st.integers(1, 60))
def test_it_is_never_worse_on_validation_than_the_average(seed: int, members: int, classes: int, rows: int) -> None:
    random = np.random.default_rng(seed)
    said = random.dirichlet(np.ones(classes), size=(members, rows))
    names = tuple("abc"[:classes])
    drawn = Rows(tuple(map(str, range(members))), Classes(names), said, random.integers(classes, size=rows))
    found = Genetic(population=4, generations=3, restarts=2, mutation=0.5).fit(drawn, seed=seed)
    value = Fitness.of(drawn)
    fitness, equal = value(np.array([found.weights, Average().fit(drawn, seed=0).weights]))
    assert fitness >= equal
    assert (fitness, equal) == (found.told["fitness"], found.told["fitness_of_equal_weights"])
    assert min(found.weights) >= 0
    assert abs(sum(found.weights) - 1) < 1e-12


def test_the_settings_are_the_published_ones() -> None:
    assert Genetic().model_dump() == {
        "population": 100, "generations": 100, "restarts": 10, "tournament": 5, "crossover": 0.4, "mutation": 0.005,
    }  # fmt: skip


def test_one_seed_gives_one_result_and_another_another(make_rows: MakeRows) -> None:
    rows, search = make_rows(members=4, rows=100), Genetic(generations=10, restarts=2)
    assert search.fit(rows, seed=3).as_json() == search.fit(rows, seed=3).as_json()
    assert search.fit(rows, seed=3).told["course"] != search.fit(rows, seed=4).told["course"]


def test_its_course_never_falls_and_ends_at_the_fitness(make_rows: MakeRows) -> None:
    found = Genetic(generations=12, restarts=3).fit(make_rows(members=5, rows=100), seed=0)
    best, mean = np.array(found.told["course"]["best"]), np.array(found.told["course"]["mean"])
    assert best.shape == mean.shape == (3, 13)
    assert (np.diff(best, axis=1) >= 0).all()
    assert (mean <= best + 1e-12).all()
    assert found.told["fitness"] == best[found.told["restart"], -1] == best[:, -1].max()


def test_no_generation_leaves_the_best_of_the_start(make_rows: MakeRows) -> None:
    found = Genetic(population=2, generations=0, restarts=1).fit(make_rows(), seed=0)
    assert found.told["course"]["best"] == [[found.told["fitness"]]]


def test_where_nothing_beats_equal_weights_they_stay() -> None:
    found = evolve(lambda weights: np.zeros(len(weights)), 3, Odds(8, 5, 2, 0.5, 0.5), np.random.default_rng(0))
    assert found.weights.tolist() == [1 / 3] * 3


def test_without_crossover_and_mutation_a_winner_takes_the_whole_population() -> None:
    seen: list[np.ndarray] = []

    def first_weight(weights: np.ndarray) -> np.ndarray:
        seen.append(weights.copy())
        return np.asarray(weights[:, 0])

    found = evolve(first_weight, 2, Odds(10, 30, 5, 0.0, 0.0), np.random.default_rng(0))
    assert np.abs(seen[-1] - found.weights).max() < 1e-12
    assert found.weights[0] == seen[0][:, 0].max()
