"""The tails against every order counted one by one, and the two ways of making them against each other."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import rankdata

from leukoscope.evaluation.significance import rank_tails
from leukoscope.evaluation.significance.rank_tails import rank_sum_tails, signed_rank_tails

VALUES = st.lists(st.integers(0, 4), min_size=2, max_size=9)


@given(values=VALUES, data=st.data())
@settings(max_examples=30, deadline=None)
def test_a_rank_sum_is_counted_over_every_choice(values: list[int], data: st.DataObject) -> None:
    ranks, number = rankdata(values), data.draw(st.integers(1, len(values) - 1))
    sums = [sum(chosen) for chosen in combinations(ranks.tolist(), number)]
    found = sum(ranks[:number].tolist())
    expected = (np.mean([one <= found for one in sums]), np.mean([one >= found for one in sums]))
    assert rank_sum_tails(ranks, number) == pytest.approx(expected, abs=1e-12)


@given(values=VALUES, data=st.data())
@settings(max_examples=30, deadline=None)
def test_signed_ranks_are_counted_over_every_choice_of_signs(values: list[int], data: st.DataObject) -> None:
    ranks = rankdata(values)
    signs = data.draw(st.lists(st.sampled_from([0, 1]), min_size=len(ranks), max_size=len(ranks)))
    sums = [float(np.dot(choice, ranks)) for choice in product([0, 1], repeat=len(ranks))]
    found = float(np.dot(signs, ranks))
    expected = (np.mean([one <= found for one in sums]), np.mean([one >= found for one in sums]))
    assert signed_rank_tails(ranks, np.array(signs, dtype=float)) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("ties", [False, True])
def test_the_normal_tails_are_near_the_exact_ones(ties: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(3)
    ranks = rankdata(random.integers(0, 8, 60) if ties else random.normal(size=60))
    positive = (random.random(60) < 0.6).astype(float)
    exact = rank_sum_tails(ranks, 25), signed_rank_tails(ranks, positive)
    monkeypatch.setattr(rank_tails, "EXACT_UP_TO", 10)
    normal = rank_sum_tails(ranks, 25), signed_rank_tails(ranks, positive)
    for one, other in zip(exact, normal, strict=True):
        assert other == pytest.approx(one, abs=2e-3)
        assert other != one


def test_values_that_are_all_equal_are_never_far_out() -> None:
    for many in (10, 300):
        assert rank_sum_tails(np.full(many, (many + 1) / 2), many // 3) == (1, 1)
    assert signed_rank_tails(np.zeros(0), np.zeros(0)) == (1, 1)
