from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from leukoscope.cohort.classes import Classes
from leukoscope.errors import DataError
from leukoscope.models.building import build_model
from leukoscope.models.cell_model import CellModel
from leukoscope.recipes.schema import BalanceSettings, ModelSettings
from leukoscope.training.cell_head import cell_weights, fit_cell_head

TWO = Classes(("hem", "all"))


def network(outputs: int = 1, **settings: Any) -> CellModel:
    asked = {"backbone": "test_resnet", "cut": "layer1", "head": "logistic_regression"}
    return build_model(ModelSettings.model_validate(asked | settings), outputs)[0]


def drawn(model: CellModel, classes: int = 2, patients: int = 40) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Return vectors of four cells a patient, each patient with a look of its own."""
    random = np.random.default_rng(0)
    truth = np.repeat(np.arange(patients) % classes, 4)
    own = np.repeat(random.normal(size=(patients, model.embedded)), 4, axis=0)
    vectors = random.normal(size=(len(truth), model.embedded)) + own
    vectors[:, :3] += 3.0 * truth[:, None]
    return vectors, truth, [f"P{place // 4:02}" for place in range(len(truth))]


@pytest.mark.parametrize("loss_weights", ["none", "balanced", "negatives_over_positives", {"all": 3.0}])
def test_patients_weigh_the_same_within_a_class(loss_weights: Any) -> None:
    labels = np.array([0, 0, 0, 0, 1, 1])
    patients = ["a", "a", "a", "b", "c", "c"]
    weights = cell_weights(BalanceSettings(loss_weights=loss_weights, patients="equal"), labels, patients, TWO)
    assert weights.mean() == pytest.approx(1)
    assert weights[:3].sum() == pytest.approx(weights[3])
    expected = {"none": 1, "balanced": 2, "negatives_over_positives": 2}.get(str(loss_weights), 3)
    assert weights[4:].sum() / weights[3] == pytest.approx(expected)


def test_otherwise_every_cell_weighs_the_same() -> None:
    labels = np.array([0, 0, 1])
    assert cell_weights(BalanceSettings(), labels, ["a", "a", "b"], TWO).tolist() == [1, 1, 1]


@pytest.mark.parametrize(("classes", "measures"), [(2, False), (2, True), (3, False)])
def test_the_head_says_what_was_fitted_and_tells_the_classes_apart(classes: int, measures: bool) -> None:
    model = network(1 if classes == 2 else classes, measures=measures)
    vectors, truth, groups = drawn(model, classes)
    logits = fit_cell_head(model, vectors, truth, groups, weights=np.ones(len(truth)), seed=0)
    with torch.inference_mode():
        of_head = model.head(torch.from_numpy(vectors).float()).numpy()
    assert logits.shape == of_head.shape == (len(truth), 1 if classes == 2 else classes)
    for said, least in ((logits, 0.8), (of_head, 0.9)):
        called = said[:, 0] > 0 if classes == 2 else said.argmax(axis=1)
        assert (called == truth).mean() > least


def test_logits_out_of_fold_know_nothing_of_a_groups_own_cells() -> None:
    model = network()
    vectors, truth, groups = drawn(model)
    noise = np.random.default_rng(1).normal(size=vectors.shape)
    own = np.repeat(np.random.default_rng(2).normal(size=(40, 1)) * 9, 4, axis=0)
    noise[:, :1] += own  # each patient can be recognised by this, and their class cannot
    logits = fit_cell_head(model, noise, truth, groups, weights=np.ones(len(truth)), seed=0)
    assert abs(((logits[:, 0] > 0) == truth).mean() - 0.5) < 0.25


def test_a_source_that_tells_nothing_does_not_drown_one_that_does() -> None:
    model = network(measures=True)
    vectors, truth, groups = drawn(model)
    fit_cell_head(model, vectors, truth, groups, weights=np.ones(len(truth)), seed=0)
    weights = np.abs(model.head.get_parameter("linear.weight").detach().numpy()[0])
    assert weights[-10:].mean() < 0.2 * weights[:3].mean()


def test_probabilities_can_be_read_off_the_logits() -> None:
    model = network()
    vectors, truth, groups = drawn(model, patients=60)
    likely = 1 / (1 + np.exp(-fit_cell_head(model, vectors, truth, groups, weights=np.ones(240), seed=0)[:, 0]))
    assert abs(likely.mean() - truth.mean()) < 0.05
    sure = likely > 0.8
    assert abs(truth[sure].mean() - likely[sure].mean()) < 0.1


def test_a_class_of_one_group_is_refused() -> None:
    model = network()
    vectors, truth, groups = drawn(model)
    alone = np.array(groups) == groups[-1]
    with pytest.raises(DataError, match=r"^Predictions out of fold need patients of two linked groups of each class"):
        fit_cell_head(model, vectors, alone.astype(np.int64), groups, weights=np.ones(len(truth)), seed=0)
