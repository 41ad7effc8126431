from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from leukoscope.models.building import build_patient_model
from leukoscope.models.patient_model import PatientModel
from leukoscope.pictures.augmentation import parse_augmentation
from leukoscope.pictures.batches import CellData
from leukoscope.recipes.schema import BagSettings
from leukoscope.training.cell_features import missing_cells
from leukoscope.training.cell_sources import feature_source, pixel_source
from leukoscope.training.device import as_input

CPU = torch.device("cpu")
PLACES = np.array([7, 3, 3])


@pytest.fixture(scope="module")
def cells(two_classes: Any) -> CellData:
    data: CellData = two_classes.train.subset(np.arange(24))
    return data


@pytest.fixture
def network(two_classes: Any) -> PatientModel:
    bag = BagSettings(aggregator="attention")
    return build_patient_model(two_classes.recipe.model, bag, two_classes.recipe.facts, 1, seed=31)[0].eval()


def test_a_cell_is_changed_alike_in_any_chunk(cells: CellData) -> None:
    changes = parse_augmentation([{"flip": 0.5}, {"rotate": 360}, {"noise": 0.1}])
    source = pixel_source(CPU, changes, seed=0, epoch=1)
    whole = source.inputs(cells, np.arange(24))
    assert torch.equal(source.inputs(cells, PLACES), whole[PLACES])
    others = [pixel_source(CPU, changes, seed=seed, epoch=epoch) for seed, epoch in ((0, 2), (1, 1))]
    assert not any(torch.equal(other.inputs(cells, np.arange(24)), whole) for other in others)


def test_without_changes_the_pixels_are_the_stores(cells: CellData) -> None:
    expected = as_input(cells.store.batch(cells.rows[PLACES]), CPU)
    assert torch.equal(pixel_source(CPU).inputs(cells, PLACES), expected)


def test_both_sources_give_the_same_instances(network: PatientModel, cells: CellData) -> None:
    pixels, features = pixel_source(CPU), feature_source(network, cells, CPU)
    assert missing_cells(network, cells) == 0
    some = cells.subset(np.arange(5, 24))
    with torch.no_grad():
        found = [source.taken_by(network, source.inputs(some, PLACES)) for source in (pixels, features)]
    torch.testing.assert_close(found[1], found[0], rtol=1e-4, atol=1e-6)


def test_gradients_go_no_further_than_the_features(network: PatientModel, cells: CellData) -> None:
    source = feature_source(network, cells, CPU)
    source.taken_by(network, source.inputs(cells, PLACES)).sum().backward()  # type: ignore[no-untyped-call]
    having = {part for part, all_of in network.parts().items() if any(one.grad is not None for one in all_of)}
    assert having == {"head", "aggregator"}
