from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from leukoscope.evaluation.resampling import replicate_weights
from leukoscope.evaluation.units import Units


def units(*strata: int) -> Units:
    stratum = np.repeat(np.arange(len(strata)), strata)
    number = len(stratum)
    return Units(np.arange(number), stratum, np.ones(number, dtype=np.int64), "patient")


def holding(one: Units) -> np.ndarray:
    return np.array([one.stratum == place for place in range(one.stratum.max() + 1)])


def drawn(one: Units, replicates: int, seed: int = 0) -> np.ndarray:
    return np.hstack(list(replicate_weights(one, holding(one), replicates, seed)))


@settings(deadline=None, max_examples=25)
@given(sizes=st.lists(st.integers(1, 6), min_size=1, max_size=4), seed=st.integers(0, 1000))
def test_every_stratum_keeps_its_weight_and_no_class_is_lost(sizes: list[int], seed: int) -> None:
    one = units(*sizes)
    weights = drawn(one, 60, seed)
    assert weights.shape == (sum(sizes), 60)
    for members, size in zip(one.members(), sizes, strict=True):
        np.testing.assert_allclose(weights[members].sum(axis=0), size)
        if size > 1:
            assert (weights[members].max(axis=0) > 0).all()


def test_the_variance_of_a_mean_is_that_of_a_sample() -> None:
    values = np.array([0.0, 1.0, 1.0, 3.0, 7.0])
    means = values @ drawn(units(5), 40_000) / 5
    assert np.isclose(means.var(), values.var(ddof=1) / 5, rtol=0.03)
    assert np.isclose(means.mean(), values.mean(), rtol=0.01)


def test_a_replicate_does_not_depend_on_how_many_are_drawn() -> None:
    one = units(4, 7)
    np.testing.assert_array_equal(drawn(one, 130)[:, :70], drawn(one, 70))
    assert not np.array_equal(drawn(one, 70), drawn(one, 70, seed=1))


def test_a_class_that_is_spread_over_strata_is_in_every_replicate() -> None:
    one = units(8, 8)
    rare = np.zeros(16, dtype=bool)
    rare[[0, 9]] = True  # a second class that two patients of other classes have too
    weights = np.hstack(list(replicate_weights(one, np.vstack([holding(one), rare]), 200, 0)))
    assert (weights[rare].sum(axis=0) > 0).all()


def test_the_only_unit_of_a_stratum_keeps_its_weight() -> None:
    assert (drawn(units(1, 3), 50)[0] == 1).all()


def test_a_class_that_cannot_be_kept_does_not_hang() -> None:
    one = units(2, 2)  # a drawn from each pair; four classes want all four combinations
    wanted = np.array([[1, 0, 1, 0], [0, 1, 0, 1], [1, 0, 0, 1], [0, 1, 1, 0]], dtype=bool)
    assert np.hstack(list(replicate_weights(one, wanted, 100, 0))).shape == (4, 100)
