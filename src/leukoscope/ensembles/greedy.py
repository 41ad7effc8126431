"""Weights that count how often a model was chosen into the ensemble (Caruana et al. 2004)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
from pydantic import Field

from leukoscope.cohort.classes import Classes
from leukoscope.ensembles.fitness import Fitness, log_losses
from leukoscope.ensembles.rows import Floats, Rows
from leukoscope.ensembles.rule import Rule
from leukoscope.ensembles.weighted import Weighted


class Greedy(Rule):
    """Ensemble selection with replacement (Caruana et al. 2004, "Ensemble Selection from Libraries of Models", ICML).

    The best single model begins. Then that model is added, again and again, whose addition gives the mean of all
    chosen ones the largest weighted F1 on validation; of equally good ones that of the smallest log-loss. The best of
    all these ensembles counts, the smaller one of equals.
    """

    name: ClassVar[str] = "greedy"
    title: ClassVar[str] = "greedy selection"
    about: ClassVar[str] = (
        "A weighted mean. The best model begins; then the model that helps most on the validation part is added, the "
        "same one again if it likes, and the best ensemble on the way is kept. A weight is how often a model was added."
    )

    steps: int = Field(50, ge=1, description="Models that are added, one after the other; the best beginning counts.")

    def fit(self, rows: Rows, *, seed: int) -> Weighted:
        """Select models.

        Args:
            rows: Rows of the validation part.
            seed: Not needed: nothing is drawn.

        Returns:
            The weights; they tell ``fitness`` (of the weights), ``chosen`` (the models in the order of their addition,
            the best ensemble's alone) and ``course``: the ``best`` fitness after each addition, all of them.
        """
        del seed
        fitness, members = Fitness.of(rows), len(rows.members)
        counts, chosen, reached = np.zeros(members), [], []
        for step in range(self.steps):
            candidates = (counts + np.eye(members)) / (step + 1)
            place, score = _best(candidates, fitness, rows)
            counts[place] += 1
            chosen.append(place)
            reached.append(score)
        length = 1 + reached.index(max(reached))
        weights = np.bincount(chosen[:length], minlength=members) / length
        told = {
            "fitness": reached[length - 1][0],
            "chosen": [rows.members[place] for place in chosen[:length]],
            "course": {"best": [score for score, _ in reached]},
        }
        return Weighted(rows.members, tuple(weights.tolist()), told)

    @classmethod
    def restored(cls, value: Mapping[str, Any], *, members: Sequence[str], classes: Classes) -> Weighted:
        """Return the weights again; arguments and errors as of ``Rule.restored``."""
        del classes
        return Weighted.from_json(value, members)


def _best(candidates: Floats, fitness: Fitness, rows: Rows) -> tuple[int, tuple[float, float]]:
    """Return the place of the best weighting, and its fitness with its log-loss below zero."""
    scores = fitness(candidates)
    losses = log_losses(rows, candidates)
    place = int(np.lexsort((losses, -scores))[0])
    return place, (float(scores[place]), -float(losses[place]))
