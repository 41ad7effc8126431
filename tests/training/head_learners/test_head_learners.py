"""Each learner's tensors say what scikit-learn's own model says."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.ensemble import RandomForestClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.svm import SVC

from leukoscope.training.head_learners import LEARNERS
from leukoscope.training.head_learners.forest import FEWER, LEAVES, TREES, ForestLearner
from leukoscope.training.head_learners.mlp import OPTIONS, RATE, MlpLearner, epochs_of
from leukoscope.training.head_learners.prototypes import PrototypeLearner
from leukoscope.training.head_learners.svm import PENALTIES, SvmLearner

BOTH = pytest.mark.parametrize("classes", [2, 3, 4])


def drawn(classes: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    random = np.random.default_rng(classes)
    truth = np.arange(90) % classes
    seen = random.normal(size=(90, 5))
    seen[:, 0] += truth
    return seen, truth, random.uniform(0.5, 1.5, 90)


def said(scores: Any, seen: np.ndarray) -> np.ndarray:
    with torch.inference_mode():
        found: np.ndarray = scores(torch.from_numpy(seen)).numpy()
    return found


@BOTH
@pytest.mark.parametrize("option", range(len(PENALTIES)))
def test_support_vectors_give_the_decision_values(classes: int, option: int) -> None:
    seen, truth, weights = drawn(classes)
    whole = SVC(C=PENALTIES[option], decision_function_shape="ovo").fit(seen, truth, sample_weight=weights)
    scores = SvmLearner(option).fit(seen, truth, weights, seed=0)
    expected = whole.decision_function(seen).reshape(len(seen), -1)
    with torch.inference_mode():
        np.testing.assert_allclose(scores.by_pair(torch.from_numpy(seen)).numpy(), expected, atol=1e-10)
    found = said(scores, seen)
    if classes == 2:
        np.testing.assert_allclose(found, expected, atol=1e-10)
    else:
        hardest = np.full((len(seen), classes), np.inf)
        for value, (first, second) in zip(expected.T, combinations(range(classes), 2), strict=True):
            hardest[:, first] = np.minimum(hardest[:, first], value)
            hardest[:, second] = np.minimum(hardest[:, second], -value)
        np.testing.assert_allclose(found, hardest, atol=1e-10)
        sure = found.max(axis=1) > 0  # a class that wins against each other one is what scikit-learn's votes call
        assert sure.mean() > 0.9
        assert (found.argmax(axis=1) == whole.predict(seen))[sure].all()


@pytest.mark.parametrize(("option", "quick"), [(0, True), (1, False), (2, True)])
@BOTH
def test_trees_give_the_shares(classes: int, option: int, quick: bool) -> None:
    seen, truth, weights = drawn(classes)
    scores = ForestLearner(option).fit(seen, truth, weights, seed=2**32 - 1, quick=quick)
    whole = RandomForestClassifier(FEWER if quick else TREES, min_samples_leaf=LEAVES[option], random_state=2**32 - 1)
    expected = whole.fit(seen, truth, sample_weight=weights).predict_proba(seen)
    np.testing.assert_allclose(scores.probabilities(torch.from_numpy(seen)).numpy(), expected, atol=1e-12)
    limited = np.maximum(expected, 1e-3)
    logits = np.log(limited[:, 1:] / limited[:, :1]) if classes == 2 else np.log(limited)
    np.testing.assert_allclose(said(scores, seen), logits, atol=1e-12)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@BOTH
def test_dense_layers_give_the_probabilities(classes: int) -> None:
    seen, truth, weights = drawn(classes)
    width, penalty = OPTIONS[1]
    whole = MLPClassifier((width,), alpha=penalty, learning_rate_init=RATE, max_iter=epochs_of(90), random_state=4)
    expected = whole.fit(seen, truth, sample_weight=weights).predict_proba(seen)
    found = said(MlpLearner(1).fit(seen, truth, weights, seed=4), seen)
    odds = np.exp(np.concatenate([np.zeros_like(found), found], axis=1) if classes == 2 else found)
    np.testing.assert_allclose(odds / odds.sum(axis=1, keepdims=True), expected, atol=1e-12)


@BOTH
def test_prototypes_are_weighted_means_of_directions(classes: int) -> None:
    seen, truth, weights = drawn(classes)
    lengths = np.linalg.norm(seen, axis=1)
    means = [
        np.sum([weights[one] * seen[one] / lengths[one] for one in np.flatnonzero(truth == place)], axis=0)
        for place in range(classes)
    ]
    alike = np.array([[one @ mean / np.linalg.norm(one) / np.linalg.norm(mean) for mean in means] for one in seen])
    found = said(PrototypeLearner(0).fit(seen, truth, weights, seed=0), seen)
    np.testing.assert_allclose(found, alike[:, 1:] - alike[:, :1] if classes == 2 else alike, atol=1e-12)


@pytest.mark.parametrize("name", LEARNERS)
def test_a_learner_says_the_same_again_and_has_settings_to_choose_from(name: str) -> None:
    seen, truth, weights = drawn(2)
    learner = LEARNERS[name]
    assert (learner.options() > 1) == (name != "prototypes")
    first, again = (learner(0).fit(seen, truth, weights, seed=1, quick=True).state_dict() for _ in range(2))
    assert all(torch.equal(value, again[key]) for key, value in first.items())


def test_inputs_that_never_vary_give_support_vectors_all_the_same() -> None:
    truth, weights = np.arange(8) % 2, np.ones(8)
    scores = SvmLearner(0).fit(np.zeros((8, 2)), truth, weights, seed=0)
    assert np.isfinite(said(scores, np.zeros((3, 2)))).all()
