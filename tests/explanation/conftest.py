"""Three patients of 1, 3 and 5 drawn blots on pictures that are twice as wide as high, and tiny networks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import polars as pl
import pytest
import torch

from leukoscope.cohort.classes import Classes
from leukoscope.cohort.cohort import Cohort
from leukoscope.models.aggregators import make_aggregator
from leukoscope.models.building import build_model
from leukoscope.models.patient_model import PatientModel
from leukoscope.pictures.bags import BagData
from leukoscope.pictures.batches import CellData
from leukoscope.pictures.framing import parse_framing
from leukoscope.pictures.intake import take_in
from leukoscope.predictions.table import Predictions
from leukoscope.recipes.schema import ModelSettings

PATIENTS = {"P1": 1, "a/b": 3, "Ünal <Zoë>": 5}
HEIGHT, WIDTH = 32, 64
CLASSES = Classes(("reactive", "tumoral"), ("reactive", "tumoral"))

MakeModel = Callable[..., PatientModel]


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def classes() -> Classes:
    return CLASSES


@pytest.fixture(scope="session")
def bags(tmp_path_factory: pytest.TempPathFactory) -> BagData:
    folder = tmp_path_factory.mktemp("blots")
    random = np.random.default_rng(0)
    rows = []
    for number, (patient, count) in enumerate(PATIENTS.items()):
        for cell in range(count):
            picture = random.integers(80, 120, (HEIGHT, WIDTH, 3), dtype=np.uint8)
            colour = random.integers(0, 255, 3).tolist()
            cv2.circle(picture, random.integers(8, 24, 2).tolist(), int(random.integers(4, 10)), colour, -1)
            cv2.imwrite(str(folder / f"{number}_{cell}.png"), picture)
            rows.append({"id": f"{number}_{cell}", "path": f"{number}_{cell}.png", "patient": patient, "label": None})
    table = pl.DataFrame(rows, schema_overrides={"label": pl.String})
    cohort = Cohort.from_cells("blots", folder, table, CLASSES)
    framing = parse_framing([{"resize": [HEIGHT, WIDTH]}])
    intake = take_in(cohort, framing=framing, store=folder / "store", workers=1)
    assert intake.store is not None
    pictures = table.join(intake.pictures, on="id", maintain_order="left")
    store_rows = intake.store.rows(pictures["sha256"].to_list())
    cells = CellData(intake.store, store_rows, pictures["id"].to_list(), np.full(pictures.height, -1))
    facts = np.array([[0.5, 0.0], [-1.0, 1.0], [2.0, 0.0]], dtype=np.float32)
    return BagData(cells, np.array(list(PATIENTS.values())), list(PATIENTS), np.array([0, 1, 1]), facts)


@pytest.fixture(scope="session")
def make_model() -> MakeModel:
    def made(aggregator: Any = "mean", *, outputs: int = 1, order: Any = "logits", **given: Any) -> PatientModel:
        cells = build_model(ModelSettings(backbone="test_resnet", cut="layer2", weights=None), outputs)[0]
        torch.nn.init.normal_(cells.head.linear.weight, std=0.5, generator=torch.Generator().manual_seed(0))
        columns = outputs if order == "logits" else cells.backbone.features
        bag = make_aggregator(aggregator, cells.backbone.features, columns, 0)
        return PatientModel(cells, bag, order=order, **given).eval()

    return made


@pytest.fixture
def cpu() -> torch.device:
    return torch.device("cpu")


@pytest.fixture(scope="session")
def predict() -> Callable[..., Predictions]:
    def made(logits: np.ndarray, data: BagData) -> Predictions:
        share = 1 / (1 + np.exp(-logits[:, 0].astype(np.float64)))
        labels = [CLASSES.names[place] for place in data.labels]
        table = {"id": data.patients, "patient": data.patients, "label": labels, "logit": logits[:, 0]}
        return Predictions(pl.DataFrame(table).with_columns(p_reactive=1 - share, p_tumoral=share), CLASSES)

    return made
