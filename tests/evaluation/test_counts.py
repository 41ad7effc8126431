from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn import metrics as sk

from leukoscope.evaluation.counts import counted_scores

NAMES = ("a", "b", "c")


@settings(deadline=None, max_examples=60)
@given(matrix=arrays(np.int64, (3, 3), elements=st.integers(0, 5)).filter(lambda m: (m.sum(axis=1) > 0).all()))
def test_any_matrix_is_scored_as_scikit_learn_scores_its_cells(matrix: np.ndarray) -> None:
    truth = np.repeat(np.arange(3), matrix.sum(axis=1))
    calls = np.concatenate([np.repeat(np.arange(3), row) for row in matrix])
    found = counted_scores(matrix[:, :, None].astype(float), NAMES, None)
    assert found[None, "accuracy"][0] == pytest.approx(sk.accuracy_score(truth, calls))
    assert found[None, "mcc"][0] == pytest.approx(sk.matthews_corrcoef(truth, calls)) or np.isnan(found[None, "mcc"][0])
    for average in ("weighted", "macro"):
        expected = sk.precision_recall_fscore_support(truth, calls, average=average, labels=range(3), zero_division=0)
        for name, value in zip(("precision", "recall", "f1"), expected[:3], strict=True):
            assert found[None, f"{average}_{name}"][0] == pytest.approx(value)
    for place, name in enumerate(NAMES):
        one_against_all = sk.accuracy_score(truth == place, calls == place)
        assert found[name, "accuracy"][0] == pytest.approx(one_against_all)
    assert found[None, "weighted_recall"][0] == pytest.approx(found[None, "accuracy"][0])


def test_a_class_without_cells_has_no_accuracy_of_its_own() -> None:
    matrix = np.array([[4.0, 1.0, 0.0], [0.0, 3.0, 0.0], [0.0, 0.0, 0.0]])[:, :, None]
    found = counted_scores(matrix, NAMES, None)
    assert np.isnan(found["c", "accuracy"][0])
    assert found["a", "accuracy"][0] == found["b", "accuracy"][0] == 7 / 8


def test_replicates_are_scored_each_by_itself() -> None:
    matrices = np.random.default_rng(0).integers(1, 9, (2, 2, 5)).astype(float)
    together = counted_scores(matrices, ("hem", "all"), "all")
    for place in range(5):
        alone = counted_scores(matrices[:, :, [place]], ("hem", "all"), "all")
        assert all(values[place] == alone[key][0] for key, values in together.items())
    assert together[None, "sensitivity"] is together["all", "recall"]


def test_a_common_factor_changes_nothing() -> None:
    matrix = np.array([[5.0, 1.0], [2.0, 7.0]])[:, :, None]
    one, other = counted_scores(matrix, ("x", "y"), "y"), counted_scores(matrix * 14 / 13, ("x", "y"), "y")
    assert all(one[key] == pytest.approx(other[key]) for key in one)
