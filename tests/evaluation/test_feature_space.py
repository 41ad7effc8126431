from __future__ import annotations

import numpy as np
import pytest

from leukoscope.errors import DataError
from leukoscope.evaluation.feature_space import AXES, FeatureSpace, fit_space


def cells(number: int, width: int, seed: int = 0) -> np.ndarray:
    """Return cells that vary along four directions, and a little along all others, in columns of unlike scale."""
    draw = np.random.default_rng(seed)
    ways = np.random.default_rng(7).normal(size=(4, width))
    values = draw.normal(size=(number, 4)) @ ways + 0.1 * draw.normal(size=(number, width))
    return np.asarray(values * np.linspace(0.01, 100, width) + 5)


@pytest.mark.parametrize(("number", "width"), [(200, 12), (60, 300)])
def test_training_cells_are_near_and_what_leaves_their_directions_is_far(number: int, width: int) -> None:
    space = fit_space(cells(number, width))
    others = space.distances(cells(100, width, seed=1))
    assert np.quantile(others, 0.9) < 2
    strange = cells(100, width, seed=2)
    strange[:, : width // 6] += 8 * strange[:, : width // 6].std(axis=0)
    assert space.distances(strange).min() > 3 * np.median(others)


def test_one_column_alone_counts_only_so_much() -> None:
    space, usual, strange = fit_space(cells(200, 300)), cells(1, 300, seed=1), cells(1, 300, seed=1)
    strange[0, 0] += 1e9
    assert space.distances(usual)[0] < space.distances(strange)[0] < 20 * space.distances(usual)[0]


def test_a_distance_does_not_depend_on_the_unit_of_a_column() -> None:
    train, other = cells(100, 6), cells(10, 6, seed=1)
    factors = np.array([1, 1000, 0.001, 5, 1, 1])
    assert fit_space(train * factors).distances(other * factors) == pytest.approx(fit_space(train).distances(other))


def test_a_column_that_never_moved_counts_but_does_not_decide_alone() -> None:
    train = np.hstack([cells(100, 6), np.full((100, 1), 3.0)])
    space = fit_space(train)
    assert np.isfinite(space.distances(train)).all()
    moved = train[:1].copy()
    moved[0, -1] += 0.2
    assert space.distances(moved)[0] > space.distances(train[:1])[0]


def test_a_training_cell_is_nowhere_nearer_than_at_its_own_place() -> None:
    train = cells(80, 10)
    apart = fit_space(train).apart(train[:30], among=40)
    assert apart.shape == (30, 40)
    assert apart.argmin(axis=1).tolist() == list(range(30))
    assert np.diag(apart) == pytest.approx(0, abs=1e-5)


def test_a_feature_that_is_no_number_is_infinitely_far() -> None:
    space, strange = fit_space(cells(50, 6)), cells(3, 6, seed=1)
    strange[1, 2], strange[2, 0] = np.nan, np.inf
    assert np.isfinite(space.distances(strange)).tolist() == [True, False, False]


def test_arrays_bring_the_space_back() -> None:
    space, other = fit_space(cells(200, 90)), cells(5, 90, seed=1)
    arrays = space.arrays()
    assert arrays["axes"].shape == (AXES, 90)
    assert FeatureSpace.of_arrays(arrays).distances(other) == pytest.approx(space.distances(other), rel=1e-3)


def test_arrays_that_do_not_fit_are_refused() -> None:
    arrays = dict(fit_space(cells(50, 6)).arrays())
    with pytest.raises(DataError, match=r"^The features of the training cells do not fit one another: spread\.$"):
        FeatureSpace.of_arrays(arrays | {"spread": arrays["spread"][:2]})
    del arrays["known"]
    with pytest.raises(DataError, match=r"^The features of the training cells lack 'known'\.$"):
        FeatureSpace.of_arrays(arrays)
