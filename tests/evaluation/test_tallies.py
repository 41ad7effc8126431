from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leukoscope.cohort.classes import Classes
from leukoscope.evaluation.ranking import WINS_UP_TO
from leukoscope.evaluation.scoring import plain_scores
from leukoscope.evaluation.tallies import Material, Tallies
from leukoscope.evaluation.units import Units

THREE = Classes(("a", "b", "c"))


def material(seed: int, cells: int = 60, units: int = 8) -> Material:
    random = np.random.default_rng(seed)
    truth = np.concatenate([np.arange(3), random.integers(3, size=cells - 3)])
    shares = np.round(random.dirichlet(np.ones(3) * 2, size=cells), 1)
    shares /= shares.sum(axis=1, keepdims=True)
    code = np.concatenate([np.arange(units), random.integers(units, size=cells - units)])
    return of(truth, shares, code)


def of(truth: np.ndarray, shares: np.ndarray, code: np.ndarray) -> Material:
    size = np.bincount(code)
    return Material(truth, shares.argmax(axis=1), shares, THREE, Units(code, np.zeros_like(size), size, "patient"))


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 10_000))
def test_a_unit_of_weight_two_is_the_same_as_its_cells_twice(seed: int) -> None:
    one = material(seed)
    weights = np.random.default_rng(seed).integers(0, 3, size=8)
    copies = np.repeat(np.arange(60), weights[one.units.code])
    if len(np.unique(one.truth[copies])) < 3:
        return
    assert one.probabilities is not None
    _, code = np.unique(one.units.code[copies], return_inverse=True)
    again = plain_scores(Tallies(of(one.truth[copies], one.probabilities[copies], code)))
    for key, values in Tallies(one).scores(weights[:, None].astype(float)).items():
        assert values[0] == pytest.approx(again[key], nan_ok=True), key


def test_replicates_together_are_those_of_each_alone() -> None:
    tallies = Tallies(material(1))
    weights = np.random.default_rng(0).random((8, 5))
    together = tallies.scores(weights)
    for place in range(5):
        alone = tallies.scores(np.ascontiguousarray(weights[:, [place]]))
        assert all(together[key][place] == pytest.approx(alone[key][0]) for key in together)


def test_the_gaps_of_the_bins_make_up_the_calibration_error() -> None:
    tallies = Tallies(material(2))
    weights = np.random.default_rng(0).random((8, 3))
    np.testing.assert_allclose(np.abs(tallies.gaps(weights)).sum(axis=0), tallies.scores(weights)[None, "ece"])


def test_many_units_give_the_scores_of_few() -> None:
    cells = WINS_UP_TO + 100
    alone = material(3, cells=cells, units=cells)
    assert alone.probabilities is not None
    together = of(alone.truth, alone.probabilities, np.arange(cells) % 5)
    assert plain_scores(Tallies(alone)) == pytest.approx(plain_scores(Tallies(together)))


def test_what_units_hold_is_counted_by_class() -> None:
    found = of(np.array([0, 0, 1, 1, 2]), np.eye(3)[[0, 0, 1, 1, 2]], np.array([0, 0, 0, 1, 1]))
    assert found.holders.tolist() == [1, 2, 1]
    assert found.others.tolist() == [2, 2, 2]
    assert found.support.tolist() == [2, 2, 1]
    assert found.positive is None
