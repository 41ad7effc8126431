"""Stacking: a logistic regression on log-odds, or on log-probabilities."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from leukoscope.ensembles import Rows, Stacked
from leukoscope.errors import DataError

MakeRows = Callable[..., Rows]


@pytest.mark.parametrize("positive", [0, 1])
def test_two_classes_are_a_regression_on_log_odds(positive: int, make_rows: MakeRows) -> None:
    rows = make_rows(members=3, rows=200, positive=positive)
    fitted = Stacked().fit(rows, seed=0)
    chance = rows.probabilities[:, :, positive].T
    values = StandardScaler().fit_transform(np.log(chance / (1 - chance)))
    wanted = rows.truth == positive
    plain = LogisticRegression(C=fitted.model.strength, max_iter=10_000).fit(values, wanted)
    said = fitted.combine(rows.probabilities)
    assert np.abs(said[:, positive] - plain.predict_proba(values)[:, 1]).max() < 1e-4
    assert np.abs(said.sum(axis=1) - 1).max() < 1e-12
    assert fitted.as_json()["regression"]["names"] == list(rows.members)


def test_more_classes_are_a_regression_on_log_probabilities(make_rows: MakeRows) -> None:
    rows = make_rows(members=2, rows=150, classes=3)
    fitted = Stacked().fit(rows, seed=0)
    said = fitted.combine(rows.probabilities)
    assert fitted.model.names == tuple(f"net-{m}: {name}" for m in range(2) for name in ("hem", "all", "other"))
    assert np.abs(said.sum(axis=1) - 1).max() < 1e-12
    assert (said.argmax(axis=1) == rows.truth).mean() > 0.7


def test_a_model_that_is_quite_sure_gives_finite_numbers(make_rows: MakeRows) -> None:
    rows = make_rows()
    sure = np.stack([rows.probabilities[0].round(), rows.probabilities[1], rows.probabilities[2]])
    said = Stacked().fit(Rows(rows.members, rows.classes, sure, rows.truth, rows.groups), seed=0).combine(sure)
    assert np.isfinite(said).all()


def test_a_class_without_rows_is_refused(make_rows: MakeRows) -> None:
    rows = make_rows(classes=3)
    with pytest.raises(DataError) as caught:
        Stacked().fit(rows.take(rows.truth < 2), seed=0)
    assert str(caught.value) == (
        "The rule 'stacked' cannot be fitted: the validation part has no row of other.\n"
        "  what to do: Leave it out (--rule average --rule genetic --rule greedy), or take a larger validation part."
    )
