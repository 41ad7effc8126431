from __future__ import annotations

import json

import numpy as np
import pytest
from scipy import stats

from leukoscope.errors import DataError
from leukoscope.evaluation.distributions import (
    Distribution,
    distribution_of,
    judged,
    largest_gap,
    stability_index,
    standardised,
)


def drawn(mean: float, deviation: float = 1.0, *, number: int = 4000, seed: int = 0) -> Distribution:
    found = distribution_of(np.random.default_rng(seed).normal(mean, deviation, number))
    assert found is not None
    return found


def test_values_in_short_and_back_from_json() -> None:
    found = distribution_of([3.0, 1.0, np.nan, 2.0])
    assert found is not None
    assert (found.number, found.mean, found.quantiles[0], found.quantiles[50], found.quantiles[-1]) == (3, 2, 1, 2, 3)
    assert round(found.deviation, 4) == 0.8165
    assert Distribution.from_json(json.loads(json.dumps(found.as_json()))) == found
    assert "\n" not in found.as_json()["quantiles"]
    assert distribution_of([np.nan, np.inf]) is None


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"quantiles": "1 2"}, "it needs 101 quantiles that rise."),
        ({"quantiles": " ".join(["2"] * 100 + ["1"])}, "it needs 101 quantiles that rise."),
        ({"quantiles": "one"}, "could not convert string to float: 'one'."),
        ({"quantiles": 7}, "'int' object has no attribute 'split'."),
    ],
)
def test_what_is_no_distribution_is_refused(change: dict[str, object], why: str) -> None:
    with pytest.raises(DataError) as raised:
        Distribution.from_json(drawn(0).as_json() | change)
    assert str(raised.value) == f"This is no distribution: {why}"


@pytest.mark.parametrize("moved", [0.0, 0.3, 1.0, 3.0])
def test_the_gap_is_kolmogorov_and_smirnovs(moved: float) -> None:
    first, second = (np.random.default_rng(seed).normal(moved * seed, 1, 4000) for seed in (0, 1))
    one, other = distribution_of(first), distribution_of(second)
    assert one is not None
    assert other is not None
    assert abs(largest_gap(one, other) - stats.ks_2samp(first, second).statistic) < 0.02
    assert largest_gap(one, other) == largest_gap(other, one)


def test_the_gap_of_values_that_never_vary() -> None:
    one, same, other = (distribution_of([value] * 9) for value in (450.0, 450.0, 400.0))
    assert one is not None
    assert same is not None
    assert other is not None
    assert (largest_gap(one, same), largest_gap(one, other)) == (0.0, 1.0)
    assert standardised(one, other) is None
    assert stability_index(one, same) == 0.0


def test_the_standardised_difference_is_that_of_the_means_in_deviations() -> None:
    assert standardised(drawn(0), drawn(0.5, seed=1)) == pytest.approx(0.5, abs=0.05)
    assert standardised(drawn(0), drawn(-2, 1, seed=1)) == pytest.approx(-2, abs=0.1)


def test_the_stability_index_grows_with_the_shift_and_stays_finite() -> None:
    indices = [stability_index(drawn(0), drawn(moved, seed=1)) for moved in (0.0, 0.3, 1.0, 9.0)]
    assert indices == sorted(indices)
    assert indices[0] < 0.02
    assert indices[2] > 0.25
    assert np.isfinite(indices[3])


def test_a_gap_in_words() -> None:
    assert [judged(gap) for gap in (0.0, 0.1, 0.25, 0.5, 1.0)] == [
        "alike", "a little otherwise", "otherwise", "far otherwise", "far otherwise",
    ]  # fmt: skip
