"""Each learner's tensors say what scikit-learn's own model says."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from sklearn.ensemble import RandomForestClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.svm import SVC

from leukoscope.training.head_learners import LEARNERS
from leukoscope.training.head_learners.forest import FEWER, LEAVES, ForestLearner
from leukoscope.training.head_learners.mlp import OPTIONS, MlpLearner, epochs_of
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
    found = said(SvmLearner(option).fit(seen, truth, weights, seed=0), seen)
    np.testing.assert_allclose(found, whole.decision_function(seen).reshape(len(seen), -1), atol=1e-10)


@BOTH
def test_trees_give_the_shares(classes: int) -> None:
    seen, truth, weights = drawn(classes)
    scores = ForestLearner(1).fit(seen, truth, weights, seed=4, quick=True)
    whole = RandomForestClassifier(FEWER, min_samples_leaf=LEAVES[1], random_state=4)
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
    whole = MLPClassifier((width,), alpha=penalty, max_iter=epochs_of(90, quick=True), random_state=4)
    expected = whole.fit(seen, truth, sample_weight=weights).predict_proba(seen)
    found = said(MlpLearner(1).fit(seen, truth, weights, seed=4, quick=True), seen)
    odds = np.exp(np.concatenate([np.zeros_like(found), found], axis=1) if classes == 2 else found)
    np.testing.assert_allclose(odds / odds.sum(axis=1, keepdims=True), expected, atol=1e-12)


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
