from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import polars as pl
import pytest
import torch

from leukoscope.cohort.classes import Classes
from leukoscope.cohort.cohort import Cohort
from leukoscope.models.building import build_model
from leukoscope.models.cell_model import CellModel
from leukoscope.models.probabilities import outputs_of
from leukoscope.pictures.bags import BagData
from leukoscope.pictures.batches import CellData
from leukoscope.pictures.framing import parse_framing
from leukoscope.pictures.intake import take_in
from leukoscope.recipes.schema import Recipe

SIDE = 32
COLOURS = ((60, 60, 190), (190, 60, 60), (60, 190, 60))


@dataclass(frozen=True)
class Task:
    """A tiny training: who learns what from which cells."""

    recipe: Recipe
    classes: Classes
    train: CellData
    validation: CellData

    def model(self) -> CellModel:
        return build_model(self.recipe.model, outputs_of(self.classes), size=(SIDE, SIDE), seed=self.recipe.seed)[0]

    def with_recipe(self, **changes: Any) -> Task:
        return replace(self, recipe=recipe_with(**changes))


def recipe_with(**changes: Any) -> Recipe:
    plain: dict[str, Any] = {
        "name": "tiny",
        "about": {"purpose": "To test."},
        "framing": [{"resize": SIDE}],
        "augmentation": [{"flip": 0.5}, {"rotate": 360}],
        "model": {"backbone": "test_resnet", "cut": "layer2", "dropout": 0.2},
        "stages": [{"epochs": 2, "batch": 8, "rates": 3e-3}],
        "best_epoch": {"metric": "roc_auc"},
    }
    return Recipe.model_validate(plain | changes)


def draw_pictures(folder: Path, counts: tuple[int, ...]) -> pl.DataFrame:
    """Draw blots on grey, of a colour that differs by class and wavers by picture."""
    generator = np.random.default_rng(0)
    rows = []
    for place, count in enumerate(counts):
        for number in range(count):
            picture = generator.integers(80, 120, (SIDE, SIDE, 3), dtype=np.uint8)
            colour = np.clip(np.array(COLOURS[place]) + generator.normal(0, 50, 3), 0, 255)
            centre = generator.integers(10, 22, 2).tolist()
            cv2.circle(picture, centre, int(generator.integers(5, 10)), colour[::-1].tolist(), -1)
            name = f"{place}_{number:02}"
            cv2.imwrite(str(folder / f"{name}.png"), picture)
            rows.append({"id": name, "path": f"{name}.png", "label": f"class{place}"})
    return pl.DataFrame(rows)


def make_task(folder: Path, counts: tuple[int, ...]) -> Task:
    recipe = recipe_with()
    classes = Classes(tuple(f"class{place}" for place in range(len(counts))))
    cohort = Cohort.from_cells("tiny", folder, draw_pictures(folder, counts), classes)
    intake = take_in(cohort, framing=parse_framing(recipe.framing), store=folder / "store", workers=1)
    assert intake.store is not None
    labels = np.array([classes.index(label) for label in cohort.cells["label"]], dtype=np.int64)
    data = CellData(intake.store, intake.store.rows(intake.pictures["sha256"]), cohort.cells["id"].to_list(), labels)
    held_out = np.arange(len(labels)) % 4 == 0
    return Task(recipe, classes, data.subset(np.flatnonzero(~held_out)), data.subset(np.flatnonzero(held_out)))


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def two_classes(tmp_path_factory: pytest.TempPathFactory) -> Task:
    return make_task(tmp_path_factory.mktemp("two"), (24, 16))


@pytest.fixture(scope="session")
def three_classes(tmp_path_factory: pytest.TempPathFactory) -> Task:
    return make_task(tmp_path_factory.mktemp("three"), (16, 12, 8))


@pytest.fixture(scope="session")
def two_patients(two_classes: Task) -> BagData:
    """Return two patients of five cells, one of each class."""
    cells = two_classes.train
    chosen = np.concatenate([np.flatnonzero(cells.labels == label)[:5] for label in (0, 1)])
    return BagData(cells.subset(chosen), np.array([5, 5]), ["P0", "P1"], np.array([0, 1], dtype=np.int64))


@pytest.fixture(scope="session")
def make_recipe() -> Callable[..., Recipe]:
    return recipe_with
