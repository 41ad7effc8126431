from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leukoscope.mistakes import confident_learning, label_error_tables


def test_planted_flips_are_found() -> None:
    random = np.random.default_rng(7)
    classes, cells = 3, 3000
    truth = random.integers(0, classes, cells)
    logits = random.normal(0, 1, (cells, classes))
    logits[np.arange(cells), truth] += 4
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    flipped = random.random(cells) < 0.08
    labels = np.where(flipped, (truth + random.integers(1, classes, cells)) % classes, truth)
    found = confident_learning(probabilities, labels)
    recall, precision = found.suspect[flipped].mean(), flipped[found.suspect].mean()
    assert recall > 0.85, recall
    assert precision > 0.85, precision
    first = np.argsort(found.margin)[:100]
    assert flipped[first].mean() > 0.97
    right = found.looks_like[found.suspect & flipped] == truth[found.suspect & flipped]
    assert right.mean() > 0.99
    assert found.joint.sum() == (found.looks_like >= 0).sum()
    assert found.shares.sum() == pytest.approx(1)
    np.testing.assert_allclose(found.shares.sum(axis=1), np.bincount(labels) / cells)


def test_a_small_case_by_hand() -> None:
    probabilities = np.array([[0.9, 0.1], [0.7, 0.3], [0.2, 0.8], [0.4, 0.6], [0.95, 0.05]])
    labels = np.array([0, 0, 1, 1, 1])
    found = confident_learning(probabilities, labels)
    # t_0 = (0.9 + 0.7) / 2, t_1 = (0.8 + 0.6 + 0.05) / 3.
    np.testing.assert_allclose(found.thresholds, [0.8, 1.45 / 3])
    assert found.looks_like.tolist() == [0, -1, 1, 1, 0]
    assert found.suspect.tolist() == [False, False, False, False, True]
    assert found.joint.tolist() == [[1, 0], [1, 2]]
    np.testing.assert_allclose(found.margin, [0.8, 0.4, 0.6, 0.2, -0.9])


def test_of_the_classes_that_reach_their_threshold_the_most_probable_counts() -> None:
    probabilities = np.array([[0.5, 0.3, 0.2], [0.9, 0.05, 0.05], [0.4, 0.3, 0.3]])
    found = confident_learning(probabilities, np.array([2, 0, 1]))
    np.testing.assert_allclose(found.thresholds, [0.9, 0.3, 0.2])
    # The first cell is most probably of class 0, which is far from its threshold.
    assert found.looks_like.tolist() == [1, 0, 1]
    assert found.suspect.tolist() == [True, False, False]


@given(st.integers(1, 30), st.floats(0.05, 0.95))
def test_equal_probabilities_reach_their_own_mean(cells: int, chance: float) -> None:
    probabilities = np.tile([chance, 1 - chance], (cells, 1))
    found = confident_learning(probabilities, np.zeros(cells, dtype=np.int64))
    assert found.looks_like.tolist() == [0] * cells
    assert np.isnan(found.thresholds[1])
    assert not found.suspect.any()


def test_parts_are_taken_together_and_the_mean_of_the_models_counts(judged: Any) -> None:
    first = judged([[0.9, 0.1, 0.95, 0.1], [0.9, 0.2, 0.85, 0.1]], [1, 0, 0, 0])
    table, joint = label_error_tables([first, judged([[0.9], [0.9]], [1])])
    (row,) = table.to_dicts()
    assert (row["place"], row["id"], row["label"], row["looks_like"], row["missed_by"]) == (1, "c0002", "hem", "all", 2)
    assert row["probability_of_look"] == pytest.approx(0.9)
    assert row["margin"] == pytest.approx(-0.8)
    assert joint.filter(label="all", looks_like="all")["cells"].item() == 2
    assert joint.filter(label="hem", looks_like="all")["cells"].item() == 1
