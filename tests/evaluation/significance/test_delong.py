"""DeLong's test against its own definition over all pairs, against a jackknife, and what it refuses."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn.metrics import roc_auc_score

from leukoscope.errors import DataError, SettingsError
from leukoscope.evaluation.significance import delong

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


def draw(seed: int, *, patients: int = 40, edge: float = 0.0, ties: bool = False) -> tuple[Flags, Floats, Floats]:
    random = np.random.default_rng(seed)
    ill = random.permutation(patients) % 3 == 0
    shared = 1.5 * ill + random.normal(size=patients)
    one, other = (shared + better * ill + 0.7 * random.normal(size=patients) for better in (edge, 0.0))
    return (ill, one.round(), other.round()) if ties else (ill, one, other)


def by_pairs(ill: Flags, *scores: Floats) -> tuple[Floats, Floats]:
    """AUCs and their covariance as DeLong, DeLong & Clarke-Pearson define them, over all pairs of patients."""
    wins = [
        np.array([[(one > two) + (one == two) / 2 for two in side[~ill]] for one in side[ill]], dtype=float)
        for side in scores
    ]
    rows, columns = np.cov([win.mean(axis=1) for win in wins]), np.cov([win.mean(axis=0) for win in wins])
    return np.array([win.mean() for win in wins]), rows / ill.sum() + columns / (~ill).sum()


@given(seed=st.integers(0, 10**6), patients=st.integers(6, 40), ties=st.booleans())
@settings(max_examples=25, deadline=None)
def test_it_agrees_with_its_definition_over_all_pairs(seed: int, patients: int, ties: bool) -> None:
    ill, one, other = draw(seed, patients=patients, ties=ties)
    areas, covariance = by_pairs(ill, one, other)
    found = delong(ill, one, other)
    assert (found.first, found.second) == pytest.approx(areas, abs=1e-9)
    assert (found.first_variance, found.second_variance) == pytest.approx(np.diag(covariance), abs=1e-9)
    variance = covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1]
    assert found.variance == pytest.approx(variance, abs=1e-9)
    if found.p is not None and variance > 1e-9:
        z = (areas[0] - areas[1]) / math.sqrt(variance)
        assert found.p == pytest.approx(2 * stats.norm.sf(abs(z)), abs=1e-9)


@pytest.mark.parametrize("ties", [False, True])
def test_its_variance_is_that_of_leaving_out_one_patient_at_a_time(ties: bool) -> None:
    """The two-sample jackknife (Arvesen 1969) of scikit-learn's AUC, which knows nothing of ranks."""
    ill, one, other = draw(5, ties=ties)
    left_out = np.array(
        [
            roc_auc_score(np.delete(ill, row), np.delete(one, row))
            - roc_auc_score(np.delete(ill, row), np.delete(other, row))
            for row in range(len(ill))
        ]
    )
    expected = sum(
        (side.sum() - 1) / side.sum() * ((left_out[side] - left_out[side].mean()) ** 2).sum() for side in (ill, ~ill)
    )
    assert delong(ill, one, other).variance == pytest.approx(expected, abs=1e-9)


@given(seed=st.integers(0, 10**6), ties=st.booleans())
@settings(max_examples=15, deadline=None)
def test_its_areas_are_the_rank_areas_of_scipy_and_scikit_learn(seed: int, ties: bool) -> None:
    ill, one, other = draw(seed, ties=ties)
    found = delong(ill, one, other)
    for area, side in ((found.first, one), (found.second, other)):
        wins = stats.mannwhitneyu(side[ill], side[~ill], method="asymptotic").statistic
        assert area == pytest.approx(wins / (ill.sum() * (~ill).sum()), abs=1e-9)
        assert area == pytest.approx(roc_auc_score(ill, side), abs=1e-9)


def test_an_area_that_is_not_the_rank_area_is_never_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(delong.__globals__, "roc_auc_score", lambda *_: 0.25)
    with pytest.raises(DataError) as caught:
        delong([1, 1, 0, 0], [4, 3, 2, 1], [4, 1, 2, 3])  # type: ignore[list-item]
    assert str(caught.value) == (
        "The first model's ROC AUC is 1.000000000 by DeLong's ranks, but the area under its curve is 0.250000000.\n"
        "  what to do: Look for scores that differ only in their last digits, and round them."
    )


def test_sides_turn_the_sign_and_questions_share_the_tails() -> None:
    ill, one, other = draw(2, edge=1.0)
    found, turned = delong(ill, one, other), delong(ill, other, one)
    assert found.low is not None
    assert found.high is not None
    assert found.p is not None
    assert found.difference > 0
    assert (turned.low, turned.high) == pytest.approx((-found.high, -found.low))
    assert turned.p == pytest.approx(found.p)
    greater, less = (delong(ill, one, other, alternative=side) for side in ("greater", "less"))  # type: ignore[arg-type]
    assert greater.p == pytest.approx(found.p / 2)
    assert less.p == pytest.approx(1 - found.p / 2)
    assert (less.low, less.high) == (found.low, found.high)


def test_interval_and_p_say_the_same() -> None:
    seen = set()
    for seed in range(30):
        found = delong(*draw(seed, patients=90, edge=0.6))
        assert found.low is not None
        assert found.high is not None
        assert found.p is not None
        assert (found.low <= 0 <= found.high) == (found.p >= 0.05)
        seen.add(found.p >= 0.05)
    assert seen == {True, False}


def test_without_variance_there_is_no_interval() -> None:
    ill, best = [True, True, False, False], [4.0, 3, 2, 1]
    same, opposite = delong(ill, best, best), delong(ill, best, best[::-1])
    assert (same.difference, same.low, same.high, same.p) == (0, None, None, 1)
    assert (opposite.difference, opposite.low, opposite.high, opposite.p) == (1, None, None, None)


def test_only_the_order_of_scores_counts() -> None:
    ill, one, other = draw(8)
    assert delong(ill, np.exp(one), 3 * other - 5) == delong(ill, one, other)


def test_what_cannot_be_compared_is_refused() -> None:
    give = "\n  what to do: Give one label and one score of each model for each patient, in the same order."
    ill, one = [True, True, False, False], [0.9, 0.8, 0.7, 0.6]
    with pytest.raises(DataError) as caught:
        delong(ill, one[:3], one)
    assert str(caught.value) == f"There are 4 labels, 3 first scores and 4 second ones.{give}"
    with pytest.raises(DataError) as caught:
        delong(ill, one, [0.9, math.nan, math.inf, 0.1])
    assert str(caught.value) == f"A score of the second model is nan.\n  where: row 2 of 4 (and 1 more){give}"
    with pytest.raises(DataError) as caught:
        delong([0, 1, 2, 1], one, one)  # type: ignore[list-item]
    assert str(caught.value) == f"A label must be true (the positive class) or false.{give}"
    with pytest.raises(DataError) as caught:
        delong([True, False, False, False], one, one)
    assert str(caught.value) == (
        "There are 1 patient of the positive class and 3 of the other.\n"
        "  what to do: DeLong's test needs two or more of each."
    )
    with pytest.raises(SettingsError) as wrong:
        delong(ill, one, one, level=95)
    assert str(wrong.value) == (
        "The level of an interval is 95.\n  what to do: Give a share between 0 and 1, such as 0.95."
    )
    with pytest.raises(SettingsError, match="Did you mean 'greater'"):
        delong(ill, one, one, alternative="great")  # type: ignore[arg-type]
