"""The fitness of many weightings at once is that of each alone."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import f1_score, log_loss

from leukoscope.cohort.classes import Classes
from leukoscope.ensembles import Rows, fitness
from leukoscope.ensembles.fitness import Fitness, log_losses
from leukoscope.ensembles.weighted import mixed
from leukoscope.evaluation.calling import decide

MakeRows = Callable[..., Rows]


def one_by_one(rows: Rows, weights: np.ndarray) -> list[float]:
    """Return what scikit-learn says of each weighting."""
    called = [decide(mixed(one[None], rows.probabilities)[0], rows.classes, None) for one in weights]
    return [f1_score(rows.truth, one, average="weighted", zero_division=0) for one in called]


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 999), members=st.integers(2, 6), classes=st.integers(2, 4), positive=st.integers(0, 1),
    rows=st.integers(1, 80), digits=st.integers(1, 8),
)  # fmt: skip
def test_it_is_scikit_learn_s_weighted_f1(
    *, seed: int, members: int, classes: int, positive: int, rows: int, digits: int
) -> None:
    random = np.random.default_rng(seed)
    # Few digits make ties, at 0.5 and between classes, and models that agree.
    said = random.dirichlet(np.ones(classes) / 2, size=(members, rows)).round(digits)
    said[:, :, 0] = 1 - said[:, :, 1:].sum(axis=2)
    names = tuple("abcd"[:classes])
    known = Classes(names, positive=names[positive] if classes == 2 else None)
    truth = random.integers(classes, size=rows)
    drawn = Rows(tuple(map(str, range(members))), known, said.clip(0, 1), truth)
    weights = np.vstack(
        [random.dirichlet(np.ones(members), size=9), np.eye(members), np.full((1, members), 1 / members)]
    )
    assert np.abs(Fitness.of(drawn)(weights) - one_by_one(drawn, weights)).max() < 1e-12


@pytest.mark.parametrize("classes", [2, 3])
def test_blocks_change_nothing(classes: int, make_rows: MakeRows, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = make_rows(classes=classes, rows=90)
    weights = np.random.default_rng(0).dirichlet(np.ones(3), size=7)
    whole, losses = Fitness.of(rows)(weights), log_losses(rows, weights)
    monkeypatch.setattr(fitness, "LARGEST", 30)
    assert (Fitness.of(rows)(weights) == whole).all()
    assert np.abs(log_losses(rows, weights) - losses).max() < 1e-12


def test_rows_that_all_call_alike_are_counted_once(make_rows: MakeRows) -> None:
    rows = make_rows(rows=200)
    found = Fitness.of(rows)
    contested = sum(said.shape[1] for said in found.contested)
    assert 0 < contested < 200
    assert int(found.settled.sum()) == 200 - contested


@pytest.mark.parametrize("classes", [2, 3])
def test_the_log_loss_is_scikit_learn_s(classes: int, make_rows: MakeRows) -> None:
    rows = make_rows(classes=classes)
    weights = np.array([[0.2, 0.3, 0.5], [1.0, 0.0, 0.0]])
    expected = [log_loss(rows.truth, mixed(one[None], rows.probabilities)[0], labels=range(classes)) for one in weights]
    assert np.abs(log_losses(rows, weights) - expected).max() < 1e-12
