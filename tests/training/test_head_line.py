from __future__ import annotations

import numpy as np
import pytest
from scipy.special import softmax
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss

from leukoscope.training.head_line import FLATTEST, HeadLine, fit_line, log_loss_of

RANDOM = np.random.default_rng(0)


def test_two_classes_have_platts_regression() -> None:
    truth = RANDOM.integers(0, 2, 80)
    scores, weights = 5 * (truth + RANDOM.normal(size=80))[:, None], RANDOM.uniform(0.5, 2, 80)
    positive = truth.sum()
    wanted = np.where(truth == 1, (positive + 1) / (positive + 2), 1 / (82 - positive))
    both = np.concatenate([weights * wanted, weights * (1 - wanted)])
    expected = LogisticRegression(C=1e9, tol=1e-8).fit(
        np.tile(scores, (2, 1)), np.repeat([1, 0], 80), sample_weight=both
    )
    found = fit_line(scores, truth, weights)
    assert found.slope == pytest.approx(expected.coef_[0, 0], rel=1e-3)
    assert found.intercepts == pytest.approx(expected.intercept_, rel=1e-3, abs=1e-3)


def test_slope_and_intercepts_of_several_classes_are_found_again() -> None:
    scores = RANDOM.normal(size=(40_000, 3)) * 2
    truth = (softmax(0.7 * scores + [1.0, 0.0, -1.0], axis=1).cumsum(axis=1) < RANDOM.uniform(size=(40_000, 1))).sum(1)
    found = fit_line(scores, truth, np.ones(40_000))
    assert found.slope == pytest.approx(0.7, abs=0.02)
    assert found.intercepts == pytest.approx([1.0, 0.0, -1.0], abs=0.05)
    np.testing.assert_allclose(found.logits(scores[:2]), found.slope * scores[:2] + found.intercepts)


def test_intercepts_are_at_the_prevalence_of_the_weights() -> None:
    truth = np.repeat([0, 1, 2], [100, 100, 200])
    weights = np.repeat([1.0, 3.0, 1.0], [100, 100, 200])
    found = fit_line(RANDOM.normal(size=(400, 3)) * 1e-9, truth, weights)
    shares = softmax(found.intercepts)
    assert shares == pytest.approx([1 / 6, 1 / 2, 1 / 3], abs=0.02)


def test_classes_told_apart_without_fault_are_no_certainties() -> None:
    truth = np.arange(20) % 2
    logits = fit_line(10.0 * truth[:, None], truth, np.ones(20)).logits(np.array([[0.0], [10.0]]))
    assert 1 / (1 + np.exp(-logits[:, 0])) == pytest.approx([1 / 12, 11 / 12], abs=1e-3)


@pytest.mark.parametrize("classes", [2, 3])
def test_scores_that_speak_for_the_wrong_class_are_not_turned_round(classes: int) -> None:
    truth = np.arange(60) % classes
    scores = -(truth[:, None] == np.arange(classes)).astype(float) if classes > 2 else -truth[:, None].astype(float)
    assert fit_line(scores, truth, np.ones(60)).slope == pytest.approx(FLATTEST / scores.std())


def test_scores_that_never_vary_say_the_prevalence() -> None:
    found = fit_line(np.full((30, 1), 7.0), np.arange(30) % 3 // 2, np.ones(30))
    assert 1 / (1 + np.exp(-found.logits(np.array([[7.0]])))) == pytest.approx(1 / 3, abs=0.03)


def test_the_log_loss_is_scikit_learns() -> None:
    line, truth, weights = HeadLine(2.0, np.array([0.5])), np.arange(10) % 2, RANDOM.uniform(0.5, 2, 10)
    logits = line.logits(RANDOM.normal(size=(10, 1)))
    likely = 1 / (1 + np.exp(-logits[:, 0]))
    assert log_loss_of(logits, truth, weights) == pytest.approx(log_loss(truth, likely, sample_weight=weights))
    several = RANDOM.normal(size=(10, 4))
    expected = log_loss(truth, softmax(several, axis=1), sample_weight=weights, labels=range(4))
    assert log_loss_of(several, truth, weights) == pytest.approx(expected)
