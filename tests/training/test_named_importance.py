from __future__ import annotations

import numpy as np

from leukoscope.training.named_importance import importance_of

TRUTH = np.arange(40) % 2
VALUES = np.random.default_rng(0).normal(size=(40, 4))
VALUES[:, 3] = 4 * TRUTH - 2
ROWS = [np.arange(20), np.arange(20, 40)]


def of_last(values: np.ndarray) -> np.ndarray:
    return np.asarray(values[:, 3:])


def importances(names: tuple[str, ...], pooled: int) -> dict[str, float]:
    said = [(of_last, rows) for rows in ROWS]
    found = importance_of(said, lambda scores: scores, VALUES, TRUTH, np.ones(40), names=names, pooled=pooled, seed=1)
    assert [each.loss for each in found] == sorted((each.loss for each in found), reverse=True)
    return {each.name: each.loss for each in found}


def test_only_what_is_looked_at_counts() -> None:
    found = importances(("a", "b"), 2)
    assert list(found) == ["b", "network", "a"]
    assert found["b"] > 0.5
    assert found["network"] == found["a"] == 0


def test_a_networks_features_are_dealt_together() -> None:
    assert importances((), 4) == {}
    assert list(importances(("b",), 3)) == ["b", "network"]


def test_what_is_dealt_stays_within_a_fold() -> None:
    # within a fold that is of one class alone, dealing changes nothing
    order = np.argsort(TRUTH, kind="stable")
    said = [(of_last, order[:20]), (of_last, order[20:])]
    found = importance_of(
        said, lambda scores: scores, VALUES, TRUTH, np.ones(40), names=("a", "b", "c", "d"), pooled=0, seed=1
    )
    assert all(each.loss == 0 for each in found)
