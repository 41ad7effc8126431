from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from leukoscope.cohort.splits.deal import Wish, deal, imbalance


def test_the_imbalance_of_parts_that_came_out_as_asked_is_zero() -> None:
    asked = np.array([0.75, 0.25])
    held = np.array([[0.75, 0.75], [0.25, 0.25]])
    assert imbalance(held, asked) == 0


def test_the_imbalance_is_the_mean_chi_square_distance() -> None:
    asked = np.array([0.75, 0.25])
    held = np.array([[1.0, 0.75], [0.0, 0.25]])
    # (0.25^2 / 0.75 + 0.25^2 / 0.25) for the first feature, 0 for the second
    assert imbalance(held, asked) == pytest.approx((0.0625 / 0.75 + 0.0625 / 0.25) / 2)


def test_equal_groups_are_cut_by_the_shares() -> None:
    part = deal(pl.DataFrame({"class": [1] * 1_000}), Wish((0.7, 0.3), (1.0,), ordered=True), np.random.default_rng(0))
    assert np.bincount(part).tolist() == [700, 300]


@pytest.mark.parametrize("ordered", [True, False])
def test_first_parts_come_first_only_where_parts_have_an_order(ordered: bool) -> None:
    # Twelve groups of one thing, and a single one of another.
    groups = pl.DataFrame({"common": [5] * 12 + [0], "rare": [0] * 12 + [7]})
    wish = Wish((0.2, 0.2, 0.6), (1.0, 1.0), ordered=ordered)
    parts = {int(deal(groups, wish, np.random.default_rng(seed))[-1]) for seed in range(4)}
    # Without an order the rare group goes to the part that wants most.
    assert parts == ({0} if ordered else {2})
