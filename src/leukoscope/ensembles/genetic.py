"""Weights that a genetic search finds (Baldi & Cioffo 2021)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
from pydantic import Field

from leukoscope.cohort.classes import Classes
from leukoscope.ensembles.evolution import Odds, evolve
from leukoscope.ensembles.fitness import Fitness
from leukoscope.ensembles.rows import Rows
from leukoscope.ensembles.rule import Rule
from leukoscope.ensembles.weighted import Weighted, equal_weights
from leukoscope.randomness import generator


class Genetic(Rule):
    """Weights of the largest weighted F1 on validation, found by a genetic search.

    The report (Baldi & Cioffo 2021, "Classification of B-Cell Lymphoblasts versus Normal Cells") gives the weights that
    sum to 1, the fitness, selection by tournament, averaging crossover and mutation. What follows is from the authors'
    notebooks and not from the report: five to a tournament, crossover with a probability of 0.4, mutation (one gene
    redrawn, then all renormalised) with one of 0.005, 100 individuals, 100 generations, the best of 10 searches.

    Two deviations: each search also starts with the equal weights, and its best individual is kept from generation to
    generation. So the result is never worse than ``average`` on the rows that it was fitted on.
    """

    name: ClassVar[str] = "genetic"
    title: ClassVar[str] = "genetic weights"
    about: ClassVar[str] = (
        "A weighted mean. Many weightings compete over generations: the better ones are averaged and changed at "
        "random, and the one with the largest weighted F1 on the validation part is kept. It starts with equal "
        "weights among others, so there it is never worse than the average."
    )

    population: int = Field(100, ge=2, description="Weightings that compete in a generation.")
    generations: int = Field(100, ge=0, description="Generations of a search.")
    restarts: int = Field(10, ge=1, description="Searches, each from a start of its own; the best one counts.")
    tournament: int = Field(5, ge=1, description="Weightings drawn for a tournament, whose best becomes a parent.")
    crossover: float = Field(0.4, ge=0, le=1, description="Probability that a child is the mean of two parents.")
    mutation: float = Field(0.005, ge=0, le=1, description="Probability that one weight of a child is drawn anew.")

    def fit(self, rows: Rows, *, seed: int) -> Weighted:
        """Search the weights.

        Args:
            rows: Rows of the validation part.
            seed: Seed of the searches.

        Returns:
            The weights; they tell ``fitness`` (that of the weights), ``fitness_of_equal_weights``, ``restart`` (the
            search that found them, from 0) and ``course``: ``best`` and ``mean`` fitness, a list a search, from the
            start to the last generation.
        """
        fitness, members = Fitness.of(rows), len(rows.members)
        odds = Odds(self.population, self.generations, self.tournament, self.crossover, self.mutation)
        found = [evolve(fitness, members, odds, generator(seed, "genetic", one)) for one in range(self.restarts)]
        chosen = int(np.argmax([search.fitness for search in found]))
        course = {"best": [search.best for search in found], "mean": [search.mean for search in found]}
        told = {
            "fitness": found[chosen].fitness,
            "fitness_of_equal_weights": float(fitness(equal_weights(members)[None])[0]),
            "restart": chosen,
            "course": course,
        }
        return Weighted(rows.members, tuple(found[chosen].weights.tolist()), told)

    @classmethod
    def restored(cls, value: Mapping[str, Any], *, members: Sequence[str], classes: Classes) -> Weighted:
        """Return the weights again; arguments and errors as of ``Rule.restored``."""
        del classes
        return Weighted.from_json(value, members)
