"""How much faster the genetic search is than one that loops over scikit-learn's F1, and whether it finds the same.

Run ``python benchmarks/bench_genetic.py``. The rows are as many as the validation part of Baldi & Cioffo 2021 has.
"""

from __future__ import annotations

import resource
import time

import numpy as np
from sklearn.metrics import f1_score

from leukoscope.cohort.classes import Classes
from leukoscope.ensembles import Genetic, Rows
from leukoscope.ensembles.evolution import Odds, evolve
from leukoscope.ensembles.fitness import Fitness
from leukoscope.ensembles.rows import Floats

CELLS, MEMBERS, POPULATION = 2132, 4, 100
LEAST = 50
CLOSE = 1e-12
GENERATIONS = 10


class SlowFitness:
    """The same fitness by a loop over the weightings; it counts the seconds that it takes."""

    def __init__(self, rows: Rows) -> None:
        self.rows, self.seconds = rows, 0.0

    def __call__(self, weights: Floats) -> Floats:
        """Return the weighted F1 of each weighting, (b,)."""
        started = time.perf_counter()
        said, truth = self.rows.probabilities[:, :, 1], self.rows.truth
        found = [f1_score(truth, (one @ said >= 0.5).astype(int), average="weighted") for one in weights]
        self.seconds += time.perf_counter() - started
        return np.array(found)


def drawn(cells: int, members: int = MEMBERS, seed: int = 0) -> Rows:
    """Draw what members of a weighted F1 of about 0.9 say; what a cell makes hard is partly hard for all."""
    random = np.random.default_rng(seed)
    truth = (random.random(cells) < 0.68).astype(np.int64)
    shared = random.normal(size=cells)
    logits = [3.2 * (truth - 0.5) + 0.8 * shared + random.normal(size=cells) * (0.8 + 0.2 * m) for m in range(members)]
    chance = 1 / (1 + np.exp(-np.stack(logits)))
    return Rows(
        tuple(f"m{m}" for m in range(members)), Classes(("hem", "all")), np.stack([1 - chance, chance], 2), truth
    )


def of_a_generation(rows: Rows) -> float:
    """Return how many times faster the fitness of one generation is, and make sure that it is the same."""
    weights = np.random.default_rng(1).dirichlet(np.ones(MEMBERS), POPULATION)
    fast, slow = Fitness.of(rows), SlowFitness(rows)
    started = time.perf_counter()
    for _ in range(GENERATIONS):
        found = fast(weights)
    seconds = (time.perf_counter() - started) / GENERATIONS
    apart = float(np.abs(found - slow(weights)).max())
    assert apart < CLOSE, apart
    ratio = slow.seconds / seconds
    print(f"fitness of {POPULATION} weightings, {CELLS:,} cells, {MEMBERS} members: {1e3 * seconds:.2f} ms;")
    print(
        f"  a loop over scikit-learn {1e3 * slow.seconds:.0f} ms: {ratio:.0f} times faster, at most {apart:.1e} apart"
    )
    return ratio


def of_a_search(rows: Rows) -> float:
    """Return how many times faster a whole search is than the same one over scikit-learn; both find the same."""
    odds = Odds(POPULATION, GENERATIONS, tournament=5, crossover=0.4, mutation=0.005)
    started = time.perf_counter()
    quick = evolve(Fitness.of(rows), MEMBERS, odds, np.random.default_rng(0))
    seconds = time.perf_counter() - started
    started = time.perf_counter()
    slow = evolve(SlowFitness(rows), MEMBERS, odds, np.random.default_rng(0))
    taken = time.perf_counter() - started
    assert np.abs(quick.weights - slow.weights).max() < CLOSE
    print(f"a search of {GENERATIONS} generations: {1e3 * seconds:.1f} ms; over scikit-learn {taken:.2f} s:")
    print(f"  {taken / seconds:.0f} times faster, the same weights")
    return taken / seconds


def main() -> None:
    """Print the ratios; fail where one is below 50 or the values differ."""
    rows = drawn(CELLS)
    ratios = [of_a_generation(rows), of_a_search(rows)]
    for cells in (CELLS, 100_000):
        many = drawn(cells)
        started = time.perf_counter()
        found = Genetic().fit(many, seed=0)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        seconds = time.perf_counter() - started
        print(
            f"10 searches of 100 generations, {cells:,} cells: {seconds:.1f} s, peak memory so far {peak:,.0f} MB, ",
            end="",
        )
        print(f"weighted F1 {found.told['fitness']:.4f} (equal weights {found.told['fitness_of_equal_weights']:.4f})")
    assert min(ratios) >= LEAST, f"less than {LEAST} times faster: {ratios}"


if __name__ == "__main__":
    main()
