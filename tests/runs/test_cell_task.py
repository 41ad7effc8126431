"""What a run of cells does before and behind a head that is fitted at once."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import polars as pl
import pytest
import torch

from leukoscope.cohort.classes import Classes
from leukoscope.cohort.cohort import Cohort
from leukoscope.errors import DataError, SettingsError
from leukoscope.models.building import build_model
from leukoscope.recipes.loading import load_recipe
from leukoscope.runs.cell_task import CellTask
from leukoscope.runs.training_place import TrainingPlace
from leukoscope.training.display import SilentDisplay

CLASSES = Classes(("all", "hem"), positive="all")
EVEN = {f"P{number}": {"hem": number % 2, "all": 1 - number % 2} for number in range(12)}


def task(cells_of: dict[str, dict[str, int]], classes: Classes = CLASSES, **changes: Any) -> CellTask:
    """Return the task of a run whose cohort has so many cells of each patient and class, without pictures."""
    rows = [
        {"id": f"{patient}-{label}-{number}", "path": "", "patient": patient, "label": label}
        for patient, own in cells_of.items()
        for label, cells in own.items()
        for number in range(cells)
    ]
    cohort = Cohort.from_cells("small", Path(), pl.DataFrame(rows), classes)
    split = SimpleNamespace(
        development=lambda whole: whole, table=cohort.cells.select("id", group="patient"), mark=None, leakage=None
    )
    recipe = load_recipe("frozen-svm", {"model.backbone": "test_resnet", "model.weights": None, **changes})
    labels = cohort.labelled["label"].replace_strict({name: place for place, name in enumerate(classes.names)})
    prepared: Any = SimpleNamespace(
        recipe=recipe,
        split=split,
        intake=SimpleNamespace(cohort=cohort),
        cells=lambda _: SimpleNamespace(labels=labels.to_numpy()),
    )
    return CellTask(prepared)


def fit(asked: CellTask) -> Any:
    model, note = build_model(asked.prepared.recipe.model, 1)
    return asked._fit(model, note, TrainingPlace(Path("run"), None, torch.device("cpu"), SilentDisplay()))


@pytest.fixture
def nothing_embedded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail where cells are embedded."""
    monkeypatch.setattr(CellTask, "_vectors", lambda *_: pytest.fail("hours of embedding"))


@pytest.mark.usefixtures("nothing_embedded")
def test_a_class_that_falls_into_one_fold_is_named_before_cells_are_embedded() -> None:
    cells = {"a": {"x": 2, "y": 5, "z": 1}, "b": {"x": 2, "y": 100}, "c": {"x": 1, "z": 100}}
    with pytest.raises(DataError, match=r"^Class z: all cells fell into one of 2 folds"):
        fit(task(cells, Classes(("y", "z", "x"))))


@pytest.mark.usefixtures("nothing_embedded")
def test_weights_of_a_class_that_there_is_not_are_refused_before_cells_are_embedded() -> None:
    with pytest.raises(SettingsError, match="blast"):
        fit(task(EVEN, **{"balance.loss_weights": {"blast": 2.0}}))


def test_what_stands_before_the_head_is_frozen_and_importances_are_of_their_class(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = task(EVEN, **{"model.measures": ["log_cell_area"], "model.pca": 2, "model.head": "prototypes"})
    positive = (asked.prepared.intake.cohort.labelled["label"] == "all").to_numpy()
    width = build_model(asked.prepared.recipe.model, 1)[0].embedded
    vectors = np.random.default_rng(0).normal(size=(12, width)).astype(np.float32)
    vectors[:, -1] = np.where(positive, 5.0, 2.0) + 0.1 * vectors[:, -1]
    monkeypatch.setattr(CellTask, "_vectors", lambda *_: vectors)
    found = fit(asked)
    assert not any(value.requires_grad for value in found.model.backbone.parameters())
    assert found.model.frozen == frozenset(found.model.part_names) - {"head"}
    means = found.importances.filter(name="log_cell_area").row(0, named=True)
    assert means["mean_all"] == pytest.approx(5, abs=0.2)
    assert means["mean_hem"] == pytest.approx(2, abs=0.2)
    likely = found.out_of_fold.table
    assert ((likely["p_all"] > 0.5) == (likely["label"] == "all")).mean() > 0.8
