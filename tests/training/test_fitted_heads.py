from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression

from leukoscope.errors import DataError
from leukoscope.models.building import build_model
from leukoscope.models.cell_model import CellModel
from leukoscope.models.fitted import FittedHead
from leukoscope.models.measures import NAMES
from leukoscope.recipes.schema import ModelSettings
from leukoscope.training import fitted_heads
from leukoscope.training.fitted_heads import HeadResult, fit_head_at_once, fits_of
from leukoscope.training.head_learners import LEARNERS, forest, mlp, svm

HEADS = pytest.mark.parametrize("head", ["svm", "forest", "mlp", "prototypes"])
NAMED = ["log_cell_area", "nucleus_to_cell", "nucleus_roundness"]
"""Three measures: to say what each counts for takes longer than to fit most heads."""


@pytest.fixture(autouse=True)
def quick_learners(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forest, "TREES", 10)
    monkeypatch.setattr(forest, "FEWER", 3)
    monkeypatch.setattr(mlp, "STEPS", 40)


def settings(head: str, **changes: Any) -> ModelSettings:
    return ModelSettings.model_validate({"backbone": "none", "measures": NAMED, "head": head} | changes)


def drawn(
    width: int, classes: int = 2, patients: int = 24, *, edge: float = 5.0, own: float = 0.5, seed: int = 0
) -> Any:
    """Return vectors of four cells a patient; the last tells class 1 from the others, the one before it class 2."""
    random = np.random.default_rng(seed)
    truth = np.repeat(np.arange(patients) % classes, 4)
    vectors = random.normal(size=(len(truth), width))
    vectors += np.repeat(random.normal(size=(patients, width)), 4, axis=0) * own
    for one in range(1, min(classes, width + 1)):
        vectors[truth == one, -one] += edge
    return vectors, truth, [f"P{place // 4:02}" for place in range(len(truth))]


def fit(
    chosen: ModelSettings, classes: int = 2, data: Any = None, **changes: Any
) -> tuple[CellModel, HeadResult, np.ndarray, np.ndarray]:
    model = build_model(chosen, 1 if classes == 2 else classes)[0]
    vectors, truth, groups = drawn(model.embedded, classes) if data is None else data
    given = {"weights": np.ones(len(truth)), "seed": 0} | changes
    return model, fit_head_at_once(model, chosen, vectors, truth, groups, **given), vectors, truth


def called(logits: np.ndarray) -> np.ndarray:
    return (logits[:, 0] > 0).astype(int) if logits.shape[1] == 1 else logits.argmax(axis=1)


@HEADS
@pytest.mark.parametrize("classes", [2, 3])
def test_the_head_says_what_was_fitted_and_tells_the_classes_apart(head: str, classes: int) -> None:
    fits: list[int] = []
    model, found, vectors, truth = fit(settings(head), classes, after_fit=lambda: fits.append(1))
    with torch.inference_mode():
        of_head = model.head(torch.from_numpy(vectors).float())
    assert isinstance(model.head, FittedHead)
    assert of_head.dtype == torch.float32
    assert found.logits.shape == of_head.shape == (len(truth), 1 if classes == 2 else classes)
    assert len(fits) == fits_of(settings(head))
    for said, least in ((found.logits, 0.8), (of_head.numpy(), 0.85)):
        assert (called(said) == truth).mean() > least


@pytest.mark.parametrize("head", ["svm", "prototypes"])
def test_noise_of_eight_classes_is_called_no_better_than_by_chance(head: str) -> None:
    data = drawn(3, 8, patients=80, edge=0.0)
    found = fit(settings(head), 8, data)[1]
    assert abs((called(found.logits) == data[1]).mean() - 1 / 8) < 0.06


def test_logits_of_the_head_given_away_hold_for_patients_that_it_never_saw() -> None:
    slopes, chosen = [], settings("svm", measures=list(NAMES[:8]))
    for seed in range(3):
        cells = {"edge": 2.0, "own": 0.0}
        model = fit(chosen, data=drawn(8, patients=40, seed=seed, **cells), seed=seed)[0]
        vectors, truth, _ = drawn(8, patients=500, seed=100 + seed, **cells)
        with torch.inference_mode():
            logits = model.head(torch.from_numpy(vectors)).numpy()
        slopes.append(LogisticRegression(C=1e6).fit(logits, truth).coef_[0, 0])
    assert 0.7 < min(slopes) <= max(slopes) < 1.4


def test_one_setting_is_chosen_and_all_that_is_kept_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[int, bool, int]] = []

    class Noting(svm.SvmLearner):
        def __init__(self, option: int) -> None:
            super().__init__(option)
            self.option = option

        def fit(self, *given: Any, seed: int, quick: bool = False) -> Any:
            asked.append((self.option, quick, seed))
            return super().fit(*given, seed=seed, quick=quick)

    monkeypatch.setitem(LEARNERS, "svm", Noting)
    fit(settings("svm"))
    kept = [option for option, quick, _ in asked if not quick]
    assert len(kept) == 6
    assert len(set(kept)) == 1
    assert sorted(option for option, quick, _ in asked if quick) == [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3]
    assert len({seed for _, _, seed in asked}) == len(asked)


def test_the_setting_that_does_best_is_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(svm, "PENALTIES", (1e-7, 1.0))  # all cells alike; each class in its place
    model, found, _, truth = fit(settings("svm"))
    assert (called(found.logits) == truth).mean() > 0.9
    assert isinstance(model.head, FittedHead)
    assert model.head.scores.get_parameter("weight").abs().max() > 1e-3


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
    assert model.head.inputs.width == 4 + len(NAMED)
    assert found.named is not None
    assert {each.name for each in found.named} - set(NAMED) == {"network"}


def test_a_network_without_measures_has_nothing_with_a_name() -> None:
    assert fit(settings("svm", backbone="test_resnet", cut="layer1", measures=False))[1].named is None


@pytest.mark.parametrize("head", ["svm", "forest"])
def test_logits_out_of_fold_know_nothing_of_a_groups_own_cells(head: str) -> None:
    chosen = settings(head, measures=True)
    _, truth, groups = drawn(10, patients=80)
    random = np.random.default_rng(1)
    # Each patient can be recognised by a mark, and their class cannot.
    noise = random.normal(size=(len(truth), 10)) + np.repeat(random.normal(size=(80, 10)) * 9, 4, axis=0)
    whole, cell_by_cell = (
        (called(fit(chosen, data=(noise, truth, own))[1].logits) == truth).mean()
        for own in (groups, [str(place) for place in range(len(truth))])
    )
    assert abs(whole - 0.5) < 0.15
    assert cell_by_cell > 0.9


@HEADS
def test_the_same_cells_give_the_same_head(head: str) -> None:
    (first, said, _, _), (again, same, _, _) = fit(settings(head)), fit(settings(head))
    assert np.array_equal(said.logits, same.logits)
    assert said.named == same.named
    kept = again.state_dict()
    assert all(torch.equal(value, kept[name]) for name, value in first.state_dict().items())


@HEADS
def test_a_class_that_weighs_more_is_called_more_often(head: str) -> None:
    data = drawn(3, edge=1.0)  # hard to tell
    shares = []
    for weight in (0.2, 5.0):
        found = fit(settings(head), data=data, weights=np.where(data[1] == 1, weight, 1.0))[1]
        shares.append(called(found.logits).mean())
    assert shares[0] + 0.3 < shares[1]


@pytest.mark.parametrize("head", ["forest", "mlp"])
def test_a_seed_may_be_any_whole_number(head: str) -> None:
    first, other = (fit(settings(head), seed=seed)[1].logits for seed in (2**70, 2**70 + 1))
    assert not np.array_equal(first, other)


def test_a_class_of_one_group_is_refused() -> None:
    vectors, _, groups = drawn(3)
    alone = (np.array(groups) == groups[-1]).astype(np.int64)
    with pytest.raises(DataError) as caught:
        fit(settings("svm"), data=(vectors, alone, groups))
    assert str(caught.value) == (
        "Predictions out of fold need patients of two linked groups of each class, or more.\n"
        "  what to do: Train on more patients."
    )


@pytest.mark.parametrize(("column", "name"), [(1, "Feature 1 of the network"), (-3, "The measure log_cell_area")])
def test_a_feature_that_is_no_number_is_refused_by_its_name(
    column: int, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fitted_heads, "deal_cells", None)  # nothing is asked before
    chosen = settings("svm", backbone="test_resnet", cut="layer1")
    model = build_model(chosen, 1)[0]
    vectors, truth, groups = drawn(model.embedded)
    vectors[[5, 7], column], vectors[6, -1] = np.nan, np.inf
    with pytest.raises(DataError) as caught:
        fit_head_at_once(model, chosen, vectors, truth, groups, weights=np.ones(len(truth)), seed=0)
    assert str(caught.value) == (
        f"{name} is no finite number for 2 of 96 cells.\n"
        "  where: row 5 of the cells that are learnt from, from 0 (and 1 more)\n"
        "  what to do: Look at this cell's picture; exclude such cells, or leave the measure out (model.measures)."
    )


def test_a_class_without_cells_is_refused_before_any_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(LEARNERS, "svm", type(None))
    vectors, truth, groups = drawn(3, 3)
    with pytest.raises(DataError, match=r"^There is no cell to learn from of class 1\."):
        fit(settings("svm"), 3, (vectors, np.where(truth == 1, 0, truth), groups))
