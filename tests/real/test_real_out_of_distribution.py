"""Strangers among real cells: whether a network with ImageNet's weights knows them for such."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import polars as pl
import pytest
import torch
from skimage import data

from leukoscope.evaluation.out_of_distribution import OutOfDistribution, fit_out_of_distribution
from leukoscope.models.building import build_model
from leukoscope.models.cell_look import widths_of
from leukoscope.models.cell_model import CellModel
from leukoscope.pictures.decode import decode
from leukoscope.pictures.framing import parse_framing
from leukoscope.recipes.schema import ModelSettings
from leukoscope.training.looks import looks_of

FRAMING = parse_framing([{"center_crop": 350}, {"resize": 96}])
EACH = 30
"""Cells of each of eight classes: the first fifteen train, eight validate, the rest are held out."""


@pytest.fixture(scope="module")
def model(real_data: Path) -> CellModel:
    settings = ModelSettings(backbone="mobilenetv2_100", weights="imagenet")
    return build_model(settings, 1, weights_folder=real_data / "weights")[0].eval()


@pytest.fixture(scope="module")
def cells(real_data: Path) -> dict[str, list[np.ndarray]]:
    found: dict[str, list[np.ndarray]] = {"train": [], "validation": [], "held out": []}
    for folder in sorted(path for path in (real_data / "pbc").iterdir() if path.is_dir()):
        paths = sorted(path for path in folder.glob("*.jpg") if not path.name.startswith("."))[:EACH]
        pictures = [decode(path).pixels for path in paths]
        for part, some in zip(found, (pictures[:15], pictures[15:23], pictures[23:]), strict=True):
            found[part] += some
    return found


def seen(model: CellModel, pictures: list[np.ndarray]) -> np.ndarray:
    return looks_of(model, np.stack([FRAMING.apply(one) for one in pictures]), torch.device("cpu"))


@pytest.fixture(scope="module")
def fitted(model: CellModel, cells: dict[str, list[np.ndarray]]) -> OutOfDistribution:
    nobody = pl.Series([None] * len(cells["validation"]), dtype=pl.String)
    train = seen(model, cells["train"])
    return fit_out_of_distribution(train, seen(model, cells["validation"]), nobody, widths_of(train))


def flagged(fitted: OutOfDistribution, model: CellModel, pictures: list[np.ndarray]) -> float:
    return float(fitted.flags(fitted.distances(seen(model, pictures))).mean())


def test_few_cells_of_the_same_set_are_flagged(
    fitted: OutOfDistribution, model: CellModel, cells: dict[str, list[np.ndarray]]
) -> None:
    assert flagged(fitted, model, cells["held out"]) <= 0.08


def test_photographs_and_empty_fields_are_flagged(fitted: OutOfDistribution, model: CellModel) -> None:
    photographs = [
        getattr(data, name)() for name in ("astronaut", "coffee", "chelsea", "rocket", "immunohistochemistry")
    ]
    blank = [np.full((360, 360, 3), shade, dtype=np.uint8) for shade in ((235, 220, 225), (250, 250, 250))]
    assert flagged(fitted, model, photographs) == 1
    assert flagged(fitted, model, blank) == 1


def test_a_field_without_white_cells_is_flagged(fitted: OutOfDistribution, model: CellModel, real_data: Path) -> None:
    fields = sorted((real_data / "bccd" / "JPEGImages").glob("*.jpg"))[:20]
    # The corner of a field that is 640 x 480 px; a white cell is seldom in it.
    corners = [cv2.resize(decode(path).pixels[:160, :160], (360, 360)) for path in fields]
    assert flagged(fitted, model, corners) >= 0.8


def test_another_stain_is_flagged(
    fitted: OutOfDistribution, model: CellModel, cells: dict[str, list[np.ndarray]]
) -> None:
    held_out = cells["held out"]
    assert flagged(fitted, model, [np.ascontiguousarray(one[..., ::-1]) for one in held_out]) >= 0.9
    assert (
        flagged(
            fitted, model, [np.repeat(one.mean(axis=2, keepdims=True), 3, axis=2).astype(np.uint8) for one in held_out]
        )
        >= 0.9
    )
