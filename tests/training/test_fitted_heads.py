from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from leukoscope.errors import DataError
from leukoscope.models.building import build_model
from leukoscope.models.cell_model import CellModel
from leukoscope.models.fitted import FittedHead
from leukoscope.recipes.schema import ModelSettings
from leukoscope.training.fitted_heads import HeadFit, fit_head_at_once
from leukoscope.training.head_learners import forest

HEADS = pytest.mark.parametrize("head", ["svm", "forest", "mlp", "prototypes"])


@pytest.fixture(autouse=True)
def few_trees(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forest, "TREES", 20)
    monkeypatch.setattr(forest, "FEWER", 5)


def settings(head: str, **changes: Any) -> ModelSettings:
    return ModelSettings.model_validate({"backbone": "none", "measures": True, "head": head} | changes)


def drawn(model: CellModel, classes: int = 2, patients: int = 24) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Return vectors of four cells a patient; the last tells class 1 from the others, the one before it class 2."""
    random = np.random.default_rng(0)
    truth = np.repeat(np.arange(patients) % classes, 4)
    vectors = random.normal(size=(len(truth), model.embedded))
    vectors += np.repeat(random.normal(size=(patients, model.embedded)), 4, axis=0) / 2
    for one in range(1, classes):
        vectors[truth == one, -one] += 5.0
    return vectors, truth, [f"P{place // 4:02}" for place in range(len(truth))]


def fit(chosen: ModelSettings, classes: int = 2, **changes: Any) -> tuple[CellModel, HeadFit, np.ndarray, np.ndarray]:
    model = build_model(chosen, 1 if classes == 2 else classes)[0]
    vectors, truth, groups = drawn(model, classes)
    given = {"weights": np.ones(len(truth)), "seed": 0} | changes
    return model, fit_head_at_once(model, chosen, vectors, truth, groups, **given), vectors, truth


@HEADS
@pytest.mark.parametrize("classes", [2, 3])
def test_the_head_says_what_was_fitted_and_tells_the_classes_apart(head: str, classes: int) -> None:
    folds: list[int] = []
    model, found, vectors, truth = fit(settings(head), classes, after_fold=lambda: folds.append(1))
    with torch.inference_mode():
        of_head = model.head(torch.from_numpy(vectors).float())
    assert isinstance(model.head, FittedHead)
    assert of_head.dtype == torch.float32
    assert found.logits.shape == of_head.shape == (len(truth), 1 if classes == 2 else classes)
    assert len(folds) == 5
    for said, least in ((found.logits, 0.8), (of_head.numpy(), 0.85)):
        called = said[:, 0] > 0 if classes == 2 else said.argmax(axis=1)
        assert (called == truth).mean() > least


@HEADS
def test_the_measure_that_tells_the_class_is_what_it_goes_by(head: str) -> None:
    model, found, _, _ = fit(settings(head))
    assert found.named is not None
    assert model.measures is not None
    assert found.named[0].name == model.measures.names[-1]
    assert found.named[0].loss > 5 * abs(found.named[1].loss)
    assert sorted(each.name for each in found.named) == sorted(model.measures.names)


def test_components_of_a_networks_features_and_measures_beside_them() -> None:
    model, found, _, _ = fit(settings("svm", backbone="test_resnet", cut="layer1", pca=4))
    assert isinstance(model.head, FittedHead)
    assert model.head.inputs.components is not None
    assert model.head.inputs.components.shape == (4, model.pooled)
    assert model.head.inputs.width == 14
    assert found.named is not None
    assert {each.name for each in found.named} - set(model.measures.names if model.measures else ()) == {"network"}


def test_a_network_without_measures_has_nothing_with_a_name() -> None:
    assert fit(settings("svm", backbone="test_resnet", cut="layer1", measures=False))[1].named is None


def test_logits_out_of_fold_know_nothing_of_a_groups_own_cells() -> None:
    chosen = settings("svm")
    model = build_model(chosen, 1)[0]
    vectors, truth, groups = drawn(model, patients=40)
    noise = np.random.default_rng(1).normal(size=vectors.shape)
    # each patient can be recognised by this, and their class cannot
    noise[:, :1] += np.repeat(np.random.default_rng(2).normal(size=(40, 1)) * 9, 4, axis=0)
    found = fit_head_at_once(model, chosen, noise, truth, groups, weights=np.ones(len(truth)), seed=0)
    assert abs(((found.logits[:, 0] > 0) == truth).mean() - 0.5) < 0.25


@HEADS
def test_the_same_cells_give_the_same_head(head: str) -> None:
    (first, said, _, _), (again, same, _, _) = fit(settings(head)), fit(settings(head))
    assert np.array_equal(said.logits, same.logits)
    assert said.named == same.named
    kept = again.state_dict()
    assert all(torch.equal(value, kept[name]) for name, value in first.state_dict().items())


def test_a_class_that_weighs_more_is_called_more_often() -> None:
    chosen = settings("svm")
    model = build_model(chosen, 1)[0]
    vectors, truth, groups = drawn(model)
    vectors[:, -1] -= 3.0 * truth  # hard to tell
    called = []
    for weight in (0.2, 5.0):
        weights = np.where(truth == 1, weight, 1.0)
        found = fit_head_at_once(model, chosen, vectors, truth, groups, weights=weights, seed=0)
        called.append((found.logits[:, 0] > 0).mean())
    assert called[0] < called[1]


def test_a_class_of_one_group_is_refused() -> None:
    chosen = settings("svm")
    model = build_model(chosen, 1)[0]
    vectors, _, groups = drawn(model)
    alone = (np.array(groups) == groups[-1]).astype(np.int64)
    with pytest.raises(DataError) as caught:
        fit_head_at_once(model, chosen, vectors, alone, groups, weights=np.ones(len(groups)), seed=0)
    assert str(caught.value) == (
        "Predictions out of fold need patients of two linked groups of each class, or more.\n"
        "  what to do: Train on more patients."
    )
