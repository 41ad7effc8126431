"""Greedy selection against a search that is written plainly."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations_with_replacement

import numpy as np
import pytest
from sklearn.metrics import f1_score, log_loss

from leukoscope.cohort.classes import Classes
from leukoscope.ensembles import Greedy, Rows
from leukoscope.evaluation.calling import decide

MakeRows = Callable[..., Rows]


def value(rows: Rows, chosen: tuple[int, ...]) -> tuple[float, float]:
    """Return weighted F1 and log-loss below zero of the mean of the chosen models, by scikit-learn."""
    said = rows.probabilities[list(chosen)].mean(axis=0)
    loss = log_loss(rows.truth, said, labels=range(len(rows.classes)))
    return f1_score(rows.truth, decide(said, rows.classes, None), average="weighted"), -loss


def plain(rows: Rows, steps: int) -> tuple[int, ...]:
    """Return what a plain selection chooses; equal to 12 digits is equal."""
    chosen: tuple[int, ...] = ()
    ways: list[tuple[int, ...]] = []
    for _ in range(steps):
        options = [(*chosen, one) for one in range(len(rows.members))]
        chosen = max(options, key=lambda one: tuple(round(number, 12) for number in value(rows, one)))
        ways.append(chosen)
    return max(ways, key=lambda one: tuple(round(number, 12) for number in value(rows, one)))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("classes", [2, 3])
def test_it_chooses_as_a_plain_selection_does(seed: int, classes: int, make_rows: MakeRows) -> None:
    rows = make_rows(seed, members=4, rows=45, classes=classes)
    expected = plain(rows, 6)
    found = Greedy(steps=6).fit(rows, seed=0)
    assert found.told["chosen"] == [rows.members[one] for one in expected]
    assert found.weights == tuple(expected.count(one) / len(expected) for one in range(4))
    assert abs(found.told["fitness"] - value(rows, expected)[0]) < 1e-12
    # No ensemble of so many models is better than the best of all of that size, and none worse than the best alone.
    every = [value(rows, one)[0] for size in range(1, 7) for one in combinations_with_replacement(range(4), size)]
    assert max(every[:4]) <= found.told["fitness"] <= max(every) + 1e-12


def test_it_begins_with_the_best_single_model_and_stays_there_if_nothing_helps() -> None:
    truth = np.array([0, 0, 1, 1])
    good, bad = np.array([0.1, 0.2, 0.9, 0.8]), np.array([0.9, 0.8, 0.1, 0.2])
    chance = np.stack([bad, good])
    rows = Rows(("bad", "good"), Classes(("hem", "all")), np.stack([1 - chance, chance], axis=2), truth)
    found = Greedy(steps=5).fit(rows, seed=0)
    assert (found.weights, found.told["chosen"], found.told["course"]["best"]) == ((0.0, 1.0), ["good"], [1.0] * 5)
