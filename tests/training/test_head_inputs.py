from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler

from leukoscope.training.head_inputs import fit_inputs

VALUES = np.random.default_rng(0).normal(size=(30, 8)) * np.arange(1, 9) + 5


def seen(components: int | None, pooled: int = 6, values: np.ndarray = VALUES) -> np.ndarray:
    with torch.inference_mode():
        found: np.ndarray = fit_inputs(values, pooled, components)(torch.from_numpy(values)).numpy()
    return found


def test_features_are_standardised() -> None:
    found = seen(None)
    np.testing.assert_allclose(found.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(found.std(axis=0), 1)


def test_components_stand_for_the_networks_features_and_measures_stay_themselves() -> None:
    scaled = StandardScaler().fit_transform(VALUES)
    found, whole = seen(3), PCA(3, svd_solver="full").fit_transform(scaled[:, :6])
    np.testing.assert_allclose(found[:, :3], whole / whole.std(), atol=1e-10)
    np.testing.assert_allclose(found[:, 3:], scaled[:, 6:])


def test_a_measure_is_not_drowned_by_components_of_many_features() -> None:
    shared = np.random.default_rng(1).normal(size=(60, 1))
    values = np.concatenate([shared + np.random.default_rng(2).normal(size=(60, 100)) / 10, shared], axis=1)
    assert seen(1, 100, values).std(axis=0) == pytest.approx([1, 1])


def test_components_of_features_that_never_vary_stay_at_nothing() -> None:
    assert (seen(2, values=np.concatenate([np.ones((30, 6)), VALUES[:, 6:]], axis=1))[:, :2] == 0).all()


@pytest.mark.parametrize(("rows", "asked", "given"), [(30, 50, 6), (4, 50, 4)])
def test_there_are_no_more_components_than_features_or_cells(rows: int, asked: int, given: int) -> None:
    assert seen(asked, values=VALUES[:rows]).shape == (rows, given + 2)


def test_a_feature_that_never_varies_stays_at_nothing() -> None:
    found = seen(None, values=np.concatenate([VALUES[:, :7], np.full((30, 1), 3.0)], axis=1))
    assert (found[:, 7] == 0).all()
