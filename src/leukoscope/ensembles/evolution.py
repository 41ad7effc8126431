"""A genetic search for weights that sum to 1: a whole generation at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from leukoscope.ensembles.rows import Floats
from leukoscope.ensembles.weighted import equal_weights


@dataclass(frozen=True)
class Odds:
    """How a generation follows on another.

    Args:
        population: Individuals, 2 or more.
        generations: Generations after the first, 0 or more.
        tournament: Individuals drawn for a tournament, 1 or more; the best of them is a parent.
        crossover: Probability, 0 to 1, that a child is the mean of two parents; it is a copy of the first otherwise.
        mutation: Probability, 0 to 1, that one of a child's genes is drawn anew.
    """

    population: int
    generations: int
    tournament: int
    crossover: float
    mutation: float


@dataclass(frozen=True, eq=False)
class Search:
    """What a search found.

    Args:
        weights: The best individual, (m,), summing to 1.
        best: The largest fitness found up to each generation, the first one's at the start.
        mean: The mean fitness of each generation.
    """

    weights: Floats
    best: list[float]
    mean: list[float]

    @property
    def fitness(self) -> float:
        """The fitness of the best individual."""
        return self.best[-1]


def evolve(fitness: Callable[[Floats], Floats], members: int, odds: Odds, random: np.random.Generator) -> Search:
    """Search the weights of the largest fitness.

    The first generation is the equal weights and random ones; the best individual so far goes on into each next one.

    Args:
        fitness: From (b, m) weights to (b,) values, the larger the better.
        members: The number m of weights.
        odds: How a generation follows on another.
        random: What is drawn from.
    """
    population = _start(odds.population, members, random)
    scores = fitness(population)
    weights = _better(population, scores, population[0], float(scores[0]))
    best, mean = [float(scores.max())], [float(scores.mean())]
    for _ in range(odds.generations):
        population = _children(population, scores, odds, random)
        population[0] = weights
        scores = fitness(population)
        weights = _better(population, scores, weights, best[-1])
        best.append(max(best[-1], float(scores.max())))
        mean.append(float(scores.mean()))
    return Search(weights, best, mean)


def _better(population: Floats, scores: Floats, weights: Floats, reached: float) -> Floats:
    """Return the best individual; of equally good ones the one that was there before."""
    place = int(scores.argmax())
    return population[place].copy() if scores[place] > reached else weights.copy()


def _start(number: int, members: int, random: np.random.Generator) -> Floats:
    """Return the first generation, (number, members): the equal weights, then random ones."""
    population = 1 - random.random((number, members))
    population /= population.sum(axis=1, keepdims=True)
    population[0] = equal_weights(members)
    return np.asarray(population)


def _children(population: Floats, scores: Floats, odds: Odds, random: np.random.Generator) -> Floats:
    number, members = population.shape
    drawn = random.integers(number, size=(2, number, odds.tournament))
    best = np.expand_dims(scores[drawn].argmax(axis=2), 2)
    first, second = population[np.take_along_axis(drawn, best, axis=2)[:, :, 0]]
    children = np.where(random.random((number, 1)) < odds.crossover, (first + second) / 2, first)
    changed = random.random((number,)) < odds.mutation
    genes, values = random.integers(members, size=(number,)), 1 - random.random((number,))
    children[changed, genes[changed]] = values[changed]
    return np.asarray(children / children.sum(axis=1, keepdims=True))
