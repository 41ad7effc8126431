from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from leukoscope.evaluation.scoring import Resampling
from leukoscope.mistakes import Together, kappa, pair_table

ROWS = st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=40)
CALLS = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=40)


@given(ROWS)
def test_measures_are_symmetric_and_within_their_bounds(rows: list[tuple[bool, bool]]) -> None:
    first, second = np.array(rows).T
    one, other = Together.of(first, second), Together.of(second, first)
    assert (one.disagreement, one.double_fault, one.yule_q) == (other.disagreement, other.double_fault, other.yule_q)
    assert 0 <= one.disagreement <= 1
    assert 0 <= one.double_fault <= 1 - one.disagreement + 1e-12
    assert one.yule_q is None or -1 <= one.yule_q <= 1
    assert one.both_right + one.only_first + one.only_second + one.both_wrong == len(rows)


@given(CALLS)
def test_kappa_is_that_of_scikit_learn(calls: list[tuple[int, int]]) -> None:
    first, second = np.array(calls).T
    found = kappa(first, second, 3)
    if len(set(first) | set(second)) == 1:
        assert found is None
    else:
        assert found == pytest.approx(cohen_kappa_score(first, second), abs=1e-12)
        assert found == pytest.approx(kappa(second, first, 3), abs=1e-12)


def test_the_known_values_of_a_table_of_four() -> None:
    # a, b, c, d = 4, 3, 2, 1 of Kuncheva & Whitaker's table 1.
    found = Together(both_right=4, only_first=3, only_second=2, both_wrong=1)
    assert (found.disagreement, found.double_fault) == (0.5, 0.1)
    assert found.yule_q == pytest.approx((4 * 1 - 3 * 2) / (4 * 1 + 3 * 2))


def test_undefined_values_are_null_with_their_reason(judged: Any) -> None:
    always = judged([[0.9] * 6, [0.8] * 6], [1] * 6)
    row = pair_table(always, Resampling(replicates=200)).row(0, named=True)
    assert (row["yule_q"], row["kappa"]) == (None, None)
    assert row["no_yule_q"] == "no cell tells: both miss none, and the first alone gets none right"
    assert row["no_kappa"] == "both call every cell the same one class"


def test_each_pair_has_a_row_with_intervals_by_patient(judged: Any) -> None:
    random = np.random.default_rng(0)
    truth = np.arange(240) // 6 % 2
    models = [np.clip(truth + random.normal(0, 0.6, 240), 0, 1) for _ in range(3)]
    found = judged(models, truth, [f"P{number // 6}" for number in range(240)])
    table = pair_table(found, Resampling(replicates=200))
    assert list(zip(table["first"], table["second"], strict=True)) == [("m0", "m1"), ("m0", "m2"), ("m1", "m2")]
    for row in table.iter_rows(named=True):
        first, second = (found.wrong[int(row[name][1:])] for name in ("first", "second"))
        assert row["both_wrong"] == int((first & second).sum())
        assert row["disagreement_low"] < row["disagreement"] == (first != second).mean() < row["disagreement_high"]
        assert row["double_fault_low"] < row["double_fault"] == (first & second).mean() < row["double_fault_high"]


def test_of_one_model_there_is_no_pair(judged: Any) -> None:
    assert pair_table(judged([[0.9, 0.1]], [1, 0]), Resampling()).height == 0
