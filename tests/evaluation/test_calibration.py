from __future__ import annotations

import numpy as np
import pytest

from leukoscope.evaluation.calibration import bins_of, confidence, losses


def test_two_classes_claim_the_positive_one_and_more_the_largest() -> None:
    shares = np.array([[0.7, 0.3], [0.2, 0.8]])
    claimed, held = confidence(shares, np.array([0, 0]), 1)
    assert (claimed.tolist(), held.tolist()) == ([0.3, 0.8], [0, 0])
    three = np.array([[0.5, 0.3, 0.2], [0.1, 0.3, 0.6]])
    claimed, held = confidence(three, np.array([0, 1]), None)
    assert (claimed.tolist(), held.tolist()) == ([0.5, 0.6], [1, 0])


def test_a_bins_lower_edge_belongs_to_it() -> None:
    assert bins_of(np.array([0.0, 0.0999, 0.1, 0.5, 0.95, 1.0])).tolist() == [0, 0, 1, 5, 9, 9]


def test_losses_are_briers_and_the_logarithmic_one() -> None:
    squares, logs = losses(np.array([[0.7, 0.3]]), np.array([1]))
    assert squares[0] == pytest.approx(0.49)
    assert logs[0] == pytest.approx(-np.log(0.3))
    squares, _ = losses(np.array([[0.5, 0.3, 0.2]]), np.array([0]))
    assert squares[0] == pytest.approx(0.25 + 0.09 + 0.04)


def test_a_probability_of_0_for_the_truth_costs_much_but_not_without_end() -> None:
    assert losses(np.array([[1.0, 0.0]]), np.array([1]))[1][0] == pytest.approx(36.04, abs=0.01)
