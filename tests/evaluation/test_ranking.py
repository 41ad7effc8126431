from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, roc_auc_score

from leukoscope.evaluation.ranking import Ranking, win_matrix


def cells(seed: int, number: int, units: int, *, levels: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    positive = random.random(number) < 0.4
    positive[:2] = [True, False]
    return random.integers(levels, size=number) / levels, positive, random.integers(units, size=number)


@settings(deadline=None, max_examples=50)
@given(seed=st.integers(0, 10_000), levels=st.sampled_from([2, 5, 1000]), units=st.integers(1, 12))
def test_any_whole_weights_are_copies_of_the_units(seed: int, levels: int, units: int) -> None:
    scores, positive, code = cells(seed, 60, units, levels=levels)
    weights = np.random.default_rng(seed).integers(0, 4, size=units)
    copies = np.repeat(np.arange(60), weights[code])
    found = Ranking.of(scores, positive, code, units).scores(weights[:, None].astype(float))
    if 0 < positive[copies].sum() < len(copies):
        assert found["roc_auc"][0] == pytest.approx(roc_auc_score(positive[copies], scores[copies]), abs=1e-12)
        assert found["pr_auc"][0] == pytest.approx(average_precision_score(positive[copies], scores[copies]), abs=1e-12)
    else:
        assert np.isnan(found["roc_auc"][0])


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 10_000), levels=st.sampled_from([3, 1000]))
def test_the_win_matrix_and_the_levels_give_one_area(seed: int, levels: int) -> None:
    scores, positive, code = cells(seed, 80, 9, levels=levels)
    weights = np.random.default_rng(seed).random((9, 7))
    with_wins = Ranking.of(scores, positive, code, 9)
    without = Ranking(with_wins.positives, with_wins.negatives, None)
    np.testing.assert_allclose(with_wins.scores(weights)["roc_auc"], without.scores(weights)["roc_auc"], rtol=1e-12)


def test_the_win_matrix_counts_every_pair_once() -> None:
    scores, positive, code = cells(3, 50, 6, levels=5)
    wins = win_matrix(scores, positive, code, 6)
    assert wins.shape == (6, 6)
    slow = np.zeros((6, 6))
    for one in np.flatnonzero(positive):
        for other in np.flatnonzero(~positive):
            slow[code[one], code[other]] += (scores[one] > scores[other]) + (scores[one] == scores[other]) / 2
    np.testing.assert_array_equal(wins, slow)


def test_one_side_alone_has_no_area() -> None:
    ranking = Ranking.of(np.array([0.1, 0.9]), np.array([True, True]), np.array([0, 1]), 2)
    found = ranking.scores(np.ones((2, 3)))
    assert np.isnan(found["roc_auc"]).all()
    assert np.isnan(found["pr_auc"]).all()
    none = Ranking.of(np.array([0.1, 0.9]), np.array([False, False]), np.array([0, 1]), 2)
    assert np.isnan(none.scores(np.ones((2, 3)))["pr_auc"]).all()


def test_a_resample_without_one_side_has_no_area_either() -> None:
    ranking = Ranking.of(np.array([0.1, 0.9]), np.array([True, False]), np.array([0, 1]), 2)
    found = ranking.scores(np.array([[1.0, 0.0], [0.0, 1.0]]))
    assert np.isnan(found["roc_auc"]).all()
    assert np.isnan(found["pr_auc"]).all()
