"""The average weighs all alike."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from leukoscope.ensembles import Average, Rows

MakeRows = Callable[..., Rows]


def test_it_is_the_mean_in_any_order_of_the_models(make_rows: MakeRows) -> None:
    rows = make_rows(members=5, classes=3)
    fitted = Average().fit(rows, seed=0)
    mean = fitted.combine(rows.probabilities)
    assert np.abs(mean - rows.probabilities.mean(axis=0)).max() < 1e-15
    turned = [3, 0, 4, 1, 2]
    assert np.abs(fitted.combine(rows.probabilities[turned]) - mean).max() < 1e-15
    assert fitted.as_json() == {"weights": dict.fromkeys(rows.members, 0.2)}
